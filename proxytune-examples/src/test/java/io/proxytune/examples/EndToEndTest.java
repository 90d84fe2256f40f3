package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands over the core, with three tiny checkpoints of one vocabulary. */
@Tag("slow")
class EndToEndTest {
  private static final String PROMPT = "why is the sky blue";

  @TempDir private static Path folder;

  private static String base;
  private static String expert;
  private static String antiExpert;
  private static String adapter;

  @BeforeAll
  static void writeCheckpoints() {
    base = TinyCheckpoint.write(folder.resolve("base"), 1).toString();
    expert = TinyCheckpoint.write(folder.resolve("expert"), 2).toString();
    antiExpert = TinyCheckpoint.write(folder.resolve("anti-expert"), 3).toString();
    adapter = TinyCheckpoint.writeAdapter(folder.resolve("lora"), 4, "../anti-expert").toString();
  }

  private static CliRun run(String... args) {
    return CliRun.of(new TorchEngine(), args);
  }

  private static String[] args(String command, String[] models, String... more) {
    String[] start = {command, "--base", base, "--prompt", PROMPT};
    return Stream.of(start, models, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static String[] pair(String alpha) {
    return new String[] {"--expert", expert, "--anti-expert", antiExpert, "--alpha", alpha};
  }

  /**
   * Beside the anti-expert, found by its own config, or merged where the anti-expert is another.
   */
  @Test
  void anAdapterIsTheSameExpertInEveryForm() {
    String copy = TinyCheckpoint.write(folder.resolve("copy"), 3).toString();
    String[] named = {"--expert-adapter", adapter, "--anti-expert", copy};
    String[] found = {"--expert", adapter, "--anti-expert", antiExpert};
    String[] merged = {"--expert", adapter, "--anti-expert", copy};
    JsonNode text = generate(named).get("text");
    assertThat(text).isNotEqualTo(generate(new String[0]).get("text"));
    assertThat(generate(found).get("text")).isEqualTo(text);
    assertThat(generate(merged).get("text")).isEqualTo(text);
  }

  private static JsonNode json(String... args) {
    String[] all = Stream.concat(Stream.of(args), Stream.of("--json")).toArray(String[]::new);
    CliRun run = run(all);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    return run.json();
  }

  private static JsonNode generate(String[] models, String... more) {
    String[] fixed = {"--ignore-eos", "--max-new-tokens", "20"};
    return json(
        args(
            "generate", models, Stream.of(fixed, more).flatMap(Stream::of).toArray(String[]::new)));
  }

  private static String refused(String... args) {
    CliRun run = run(args);
    assertThat(run.status()).as(run.toString()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("proxytune: ").hasLineCount(1);
    return run.err();
  }

  @Test
  void generatesSteeredText() {
    JsonNode steered = generate(pair("1"));
    assertThat(steered.get("token_ids")).hasSize(20);
    assertThat(steered.get("finish_reason").textValue()).isEqualTo("max_new_tokens");
    assertThat(steered.get("prompt_token_ids")).hasToString("[1,16,10,6,8,11]");
    assertThat(steered.at("/stats/prompt_tokens").intValue()).isEqualTo(6);
    assertThat(steered.at("/stats/generated_tokens").intValue()).isEqualTo(20);
    assertThat(steered.get("token_ids")).isNotEqualTo(generate(new String[0]).get("token_ids"));
  }

  @Test
  void alphaZeroAndThreeTimesTheSameModelAreTheBaseAlone() {
    JsonNode alone = generate(new String[0]).get("token_ids");
    String[] same = {"--expert", base, "--anti-expert", base, "--alpha", "3.5"};
    assertThat(generate(pair("0")).get("token_ids")).isEqualTo(alone);
    assertThat(generate(same).get("token_ids")).isEqualTo(alone);
  }

  @Test
  void streamsWhatJsonHolds() {
    String text = generate(pair("1")).get("text").textValue();
    CliRun run = run(args("generate", pair("1"), "--ignore-eos", "--max-new-tokens", "20"));
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualTo(text + System.lineSeparator());
    assertThat(text).isNotBlank();
  }

  @Test
  void logprobsForPeopleTellPairsApart() {
    String[] two = Stream.of(pair("1"), pair("-0.5")).flatMap(Stream::of).toArray(String[]::new);
    assertThat(run(args("generate", two, "--logprobs", "--max-new-tokens", "1")).out())
        .containsPattern(
            "\\(base \\S+, expert 0 \\S+, anti_expert 0 \\S+, expert 1 \\S+, anti_expert 1"
                + " \\S+\\)");
  }

  /** Also of pairs that add nothing, whose models run to be told of. */
  @Test
  void aTraceNamesTheRolesOfEachPair() {
    JsonNode token = traced(pair("1"), pair("-0.5")).get(0);
    assertThat(token.get("alpha_0").doubleValue()).isEqualTo(1);
    assertThat(token.get("alpha_1").doubleValue()).isEqualTo(-0.5);
    assertThat(token.has("anti_expert_1")).isTrue();
    double fused = token.at("/base/logit").doubleValue();
    fused += token.at("/expert_0/logit").doubleValue();
    fused -= token.at("/anti_expert_0/logit").doubleValue();
    fused -= 0.5 * token.at("/expert_1/logit").doubleValue();
    fused += 0.5 * token.at("/anti_expert_1/logit").doubleValue();
    assertThat(token.at("/fused/logit").doubleValue()).isCloseTo(fused, within(1e-4));
    assertThat(traced(pair("0")).get(0).get("alpha").doubleValue()).isZero();
    JsonNode mixed = traced(pair("0"), pair("2")).get(0);
    assertThat(mixed.get("alpha_0").isNull() && mixed.get("alpha_1").isNull()).isTrue();
  }

  private static JsonNode traced(String[]... pairs) {
    String[] all = Stream.of(pairs).flatMap(Stream::of).toArray(String[]::new);
    String file = folder.resolve("trace.csv").toString();
    return generate(all, "--trace", file).get("trace");
  }

  @Test
  void aSeedFixesASampledText() {
    String[] hot = {"--temperature", "3", "--seed", "7"};
    JsonNode first = generate(pair("1"), hot);
    assertThat(generate(pair("1"), hot).get("token_ids")).isEqualTo(first.get("token_ids"));
    assertThat(first.get("seed").longValue()).isEqualTo(7);
    JsonNode other = generate(pair("1"), "--temperature", "3", "--seed", "8");
    assertThat(other.get("token_ids")).isNotEqualTo(first.get("token_ids"));
  }

  @Test
  void eachOfSeveralTextsIsWhatItsSeedGivesAlone() {
    JsonNode all = generate(pair("1"), "--temperature", "3", "--seed", "7", "--n", "3");
    assertThat(all.get("completions")).hasSize(3);
    for (JsonNode one : all.get("completions")) {
      String seed = one.get("seed").asText();
      JsonNode alone = generate(pair("1"), "--temperature", "3", "--seed", seed);
      assertThat(one.get("token_ids")).isEqualTo(alone.get("token_ids"));
    }
  }

  @Test
  void bannedIdsAndLogitBiasDecide() {
    JsonNode usual = generate(new String[0]).get("token_ids");
    String first = usual.get(0).asText();
    JsonNode banned = generate(new String[0], "--ban", first).get("token_ids");
    assertThat(banned).noneMatch(id -> id.asText().equals(first));
    assertThat(generate(new String[0], "--logit-bias", "9=1000").get("token_ids"))
        .allMatch(id -> id.intValue() == 9);
  }

  @Test
  void stopIdsAndStopStringsEndTheText() {
    JsonNode usual = generate(new String[0]);
    String id = usual.get("token_ids").get(3).asText();
    JsonNode byId = generate(new String[0], "--stop-id", id);
    assertThat(byId.get("finish_reason").textValue()).isEqualTo("stop_id");
    assertThat(byId.get("stop_id").asText()).isEqualTo(id);
    String word = usual.get("text").textValue().strip().split(" ", -1)[0];
    JsonNode stopped = generate(new String[0], "--stop", word);
    assertThat(stopped.get("finish_reason").textValue()).isEqualTo("stop_string");
    assertThat(stopped.get("text").textValue()).doesNotContain(word);
    assertThat(stopped.has("stop_id")).isFalse();
  }

  @Test
  void aFullContextEndsTheText() {
    JsonNode full = json(args("generate", pair("1"), "--ignore-eos", "--max-new-tokens", "1000"));
    assertThat(full.get("finish_reason").textValue()).isEqualTo("context_full");
    int held = full.get("prompt_token_ids").size() + full.get("token_ids").size();
    assertThat(held).isBetween(TinyCheckpoint.CONTEXT, TinyCheckpoint.CONTEXT + 1);
  }

  @Test
  void logprobsAreOfEachRoleAndSorted() {
    JsonNode logprobs = generate(pair("1"), "--logprobs", "3").get("logprobs");
    assertThat(logprobs).hasSize(20);
    for (JsonNode token : logprobs) {
      assertThat(token.get("top")).hasSize(3);
      assertThat(token.at("/top/0/id")).isEqualTo(token.get("id")); // greedy
      assertThat(token.at("/top/0/logprob").doubleValue())
          .isGreaterThanOrEqualTo(token.at("/top/1/logprob").doubleValue());
      assertThat(token.get("roles").findValuesAsText("role"))
          .containsExactly("base", "expert", "anti_expert");
    }
  }

  @Test
  void chatGoesThroughTheExpertsTemplate() {
    JsonNode steered = generate(pair("1"), "--chat", "--system", "the sea is green");
    assertThat(steered.get("prompt_token_ids")).hasToString("[1,16,10,6,8,11]");
    JsonNode alone = generate(new String[0], "--chat", "--system", "the sea is green");
    assertThat(alone.get("prompt_token_ids")).hasToString("[1,5,6,9,10,12,3,16,10,6,8,11,4]");
  }

  @Test
  void scoresAddUpAndTheLikeliestIsChosen() {
    List<Double> totals = new ArrayList<>();
    String[] options = {" the light", " it was", " green"};
    for (String option : options) {
      JsonNode score = json(args("score", pair("1"), "--continuation", option));
      double sum = 0;
      for (JsonNode token : score.get("tokens")) {
        assertThat(token.get("logprob").doubleValue()).isNegative();
        sum += token.get("logprob").doubleValue();
      }
      assertThat(score.get("total").doubleValue()).isCloseTo(sum, within(1e-6));
      assertThat(score.get("tokens")).hasSize(option.strip().split(" ", -1).length);
      totals.add(score.get("total").doubleValue());
    }
    JsonNode choice =
        json(
            args(
                "choose",
                pair("1"),
                "--option",
                options[0],
                "--option",
                options[1],
                "--option",
                options[2]));
    int best = choice.get("index").intValue();
    assertThat(choice.get("option").textValue()).isEqualTo(options[best]);
    for (int i = 0; i < options.length; i++) {
      assertThat(totals.get(i)).isLessThanOrEqualTo(totals.get(best));
      assertThat(choice.at("/scores/" + i + "/total").doubleValue())
          .isCloseTo(totals.get(i), within(1e-4));
    }
  }

  @Test
  void otherNumberFormatsWork() {
    for (String dtype : new String[] {"stored", "float32", "bfloat16", "float16"}) {
      assertThat(generate(pair("1"), "--dtype", dtype, "--threads", "1").get("token_ids"))
          .hasSize(20);
    }
  }

  @Test
  void inspectsWithoutLoading() {
    JsonNode summary = json("inspect", base);
    int vocabulary = TinyCheckpoint.WORDS.size();
    assertThat(summary.get("architecture").textValue()).isEqualTo("LlamaForCausalLM");
    assertThat(summary.get("layers").intValue()).isEqualTo(2);
    assertThat(summary.get("kv_heads").intValue()).isEqualTo(1);
    assertThat(summary.get("vocabulary_size").intValue()).isEqualTo(vocabulary);
    assertThat(summary.get("parameters").longValue())
        .isEqualTo(2L * vocabulary * 16 + 2 * (768 + 3 * 512 + 32) + 16);
    assertThat(summary.get("kv_bytes_per_token").longValue()).isEqualTo(2 * 2 * 8 * 4);
    assertThat(summary.at("/special_tokens/1").textValue()).isEqualTo("<s>");
    assertThat(summary.get("end_of_text_ids")).hasToString("[2]");
    assertThat(summary.get("chat_template").booleanValue()).isTrue();
  }

  @Test
  void badCheckpointsAreRefusedByName(@TempDir Path bad) throws IOException {
    assertThat(refused("inspect", bad.resolve("none").toString())).contains("none");
    Path cut = TinyCheckpoint.write(bad.resolve("cut"), 4);
    Path weights = cut.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(refused("generate", "--base", cut.toString(), "--prompt", "the"))
        .contains("model.safetensors");
    Path foreign = TinyCheckpoint.write(bad.resolve("foreign"), 5);
    Path config = foreign.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("LlamaForCausalLM", "FooForFun"));
    assertThat(refused("inspect", foreign.toString())).contains("FooForFun", "LlamaForCausalLM");
  }

  @Test
  void differentVocabulariesAreRefused(@TempDir Path bad) {
    List<String> words = new ArrayList<>(TinyCheckpoint.WORDS);
    words.set(9, "ocean");
    Path other = TinyCheckpoint.write(bad.resolve("other"), 6, 64, words);
    String[] mixed = {"--expert", other.toString(), "--anti-expert", antiExpert};
    assertThat(refused(args("generate", mixed))).contains("9", "ocean", "sea");
  }

  @Test
  void aPromptThatLeavesNoRoomIsRefused() {
    String tooLong = "the ".repeat(TinyCheckpoint.CONTEXT + 1);
    assertThat(refused("generate", "--base", base, "--prompt", tooLong))
        .contains(String.valueOf(TinyCheckpoint.CONTEXT));
  }

  @Test
  void idsThatTheBaseLacksAreRefused() {
    assertThat(refused(args("generate", pair("1"), "--ban", "4000"))).contains("4000");
  }

  @Test
  void aGpuThatIsNotThereIsRefused() {
    assertThat(refused(args("generate", new String[0], "--device", "cuda:99")))
        .containsIgnoringCase("cuda");
  }
}
