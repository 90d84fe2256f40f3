package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.StandardSampler;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.WeightLayout;
import io.proxytune.examples.cli.Cancellation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  private final FakeEngine engine = new FakeEngine();

  private CliRun generate(String options) {
    CliRun run = CliRun.of(engine, ("generate --base b --prompt p " + options).strip().split(" "));
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  private List<String> folders() {
    return engine.loads.stream().map(load -> load.folder().toString()).toList();
  }

  @Test
  void plainDecodingIsGreedyWithTheApisDefaults() {
    generate("");
    GenerationOptions asked = engine.tuner.options;
    assertThat(asked.sampler()).isEqualTo(Sampler.greedy());
    assertThat(asked.maxNewTokens()).isEqualTo(256);
    assertThat(asked.minNewTokens()).isZero();
    assertThat(asked.seed()).isEmpty();
    assertThat(asked.penalties()).isEqualTo(Penalties.NONE);
    assertThat(asked.timeLimit()).isEmpty();
    assertThat(asked.logprobs()).isFalse();
    assertThat(engine.pairs).isEmpty();
    assertThat(engine.prefillChunk).isEqualTo(512);
    assertThat(engine.threads).isZero();
  }

  /** Its ids are the expert's unless said otherwise, and an adapter's are its model's. */
  @Test
  void aBaseMayBeOnAServer() {
    String pair = " --anti-expert a --expert ";
    for (String more :
        List.of(
            pair + "e",
            " --anti-expert a --expert-adapter lora",
            pair + "e --base-tokenizer t --base-key-file k",
            pair + "e --base-top-logprobs 5")) {
      CliRun run =
          CliRun.of(engine, ("generate --base http://h:8080 --prompt p" + more).split(" "));
      assertThat(run.err()).isEmpty();
    }
    assertThat(engine.connections)
        .containsExactly(
            "http://h:8080 - e", "http://h:8080 - a", "http://h:8080 k t", "http://h:8080 - e 5");
    assertThat(engine.base.orElseThrow().name()).isEqualTo("far");
    assertThat(engine.closed).contains("far");
    assertThat(engine.loads).noneMatch(load -> load.folder().toString().startsWith("http"));
  }

  @Test
  void everySamplingOptionArrives() {
    generate("--temperature 0.7 --top-k 5 --top-p 0.9 --min-p 0.1 --typical-p 0.8");
    assertThat(engine.tuner.options.sampler())
        .isEqualTo(new StandardSampler(0.7, 5, 0.9, 0.1, 0.8));
  }

  @Test
  void oneFilterAloneSamplesAtTemperature1() {
    generate("--top-p 0.9");
    assertThat(engine.tuner.options.sampler()).isEqualTo(Sampler.topP(0.9));
  }

  @Test
  void everyEditOfTheLogitsArrives() {
    generate(
        "--repetition-penalty 1.2 --frequency-penalty 0.3 --presence-penalty -0.4"
            + " --logit-bias 5=-2.5 --logit-bias 6=1 --ban 7 --ban 8,9");
    GenerationOptions asked = engine.tuner.options;
    assertThat(asked.penalties()).isEqualTo(new Penalties(1.2, 0.3, -0.4));
    assertThat(asked.logitBias()).isEqualTo(Map.of(5, -2.5, 6, 1.0));
    assertThat(asked.bannedIds()).isEqualTo(Set.of(7, 8, 9));
  }

  @Test
  void everyLimitArrives() {
    generate(
        "--max-new-tokens 12 --min-new-tokens 3 --seed -9 --stop END --stop @x"
            + " --stop-id 4 --ignore-eos --ignore-expert-eos --time-limit 1.5");
    GenerationOptions asked = engine.tuner.options;
    assertThat(asked.maxNewTokens()).isEqualTo(12);
    assertThat(asked.minNewTokens()).isEqualTo(3);
    assertThat(asked.seed()).hasValue(-9);
    assertThat(asked.stopStrings()).containsExactly("END", "@x");
    assertThat(asked.stopIds()).containsExactly(4);
    assertThat(asked.ignoreEndOfText()).isTrue();
    assertThat(asked.ignoreExpertEndOfText()).isTrue();
    assertThat(asked.timeLimit()).contains(Duration.ofMillis(1500));
  }

  @Test
  void pairsAreCollectedInAnyOrderWithinAPair() {
    generate(
        "--alpha 0.5 --anti-expert a1 --expert e1 --expert e2 --alpha -2 --anti-expert a2"
            + " --expert e3 --anti-expert a3");
    assertThat(engine.pairs.stream().map(pair -> pair.expert().name()))
        .containsExactly("e1", "e2", "e3");
    assertThat(engine.pairs.stream().map(pair -> pair.antiExpert().name()))
        .containsExactly("a1", "a2", "a3");
    assertThat(engine.pairs.stream().map(ExpertPair::alpha)).containsExactly(0.5, -2.0, 1.0);
  }

  @Test
  void anAdapterSharesTheAntiExpert() {
    generate("--anti-expert a --expert-adapter lora-x --expert-adapter lora-y --anti-expert b");
    assertThat(folders()).containsExactly("b", "a");
    assertThat(engine.pairs.stream().map(pair -> pair.expert().name()))
        .containsExactly("a+lora-x", "b+lora-y");
    assertThat(engine.base).containsSame(engine.pairs.get(1).antiExpert());
  }

  @Test
  void anExpertThatIsAnAdapterOfTheAntiExpertSharesIt() {
    generate("--anti-expert a --expert lora-x --expert lora-y --anti-expert c");
    assertThat(folders()).containsExactly("b", "a", "lora-y", "c");
    assertThat(engine.pairs.get(0).expert().name()).isEqualTo("a+lora-x");
  }

  @Test
  void aFolderNamedForSeveralRolesIsLoadedOnce(@TempDir Path folder) {
    CliRun run =
        CliRun.of(
            engine,
            "generate",
            "--base",
            folder.toString(),
            "--expert",
            folder.resolve("../" + folder.getFileName()).toString(),
            "--anti-expert",
            folder + "/",
            "--prompt",
            "p");
    assertThat(run.status()).isZero();
    assertThat(engine.loads).hasSize(1);
    ExpertPair pair = engine.pairs.get(0);
    assertThat(engine.base).containsSame(pair.expert()).containsSame(pair.antiExpert());
    assertThat(engine.closed)
        .containsExactly("stream", "tuner", String.valueOf(folder.getFileName()));
  }

  @Test
  void aFolderNeededInTwoFormatsIsLoadedTwice() {
    generate("--expert b --anti-expert b --expert-dtype float32");
    assertThat(folders()).containsExactly("b", "b");
  }

  @Test
  void loadOptionsArriveForEachRole() {
    generate(
        "--expert e --anti-expert a --dtype bfloat16 --device cuda:1 --expert-dtype float32"
            + " --expert-device cpu --no-memory-check --threads 3 --prefill-chunk 64");
    assertThat(folders()).containsExactly("b", "e", "a");
    LoadOptions base = engine.loads.get(0).options();
    LoadOptions small = engine.loads.get(2).options();
    assertThat(base.dtype()).isEqualTo(DType.BFLOAT16);
    assertThat(base.device()).isEqualTo("cuda:1");
    assertThat(base.memoryCheck()).isFalse();
    assertThat(small.dtype()).isEqualTo(DType.FLOAT32);
    assertThat(small.device()).isEqualTo("cpu");
    assertThat(engine.threads).isEqualTo(3);
    assertThat(engine.prefillChunk).isEqualTo(64);
  }

  @Test
  void quantizationArrivesForEachRole() {
    generate("--expert e --anti-expert a --quantize int4:64 --expert-quantize int8+head");
    assertThat(engine.loads.get(0).options().quantization()).isEqualTo(Quantization.int4(64));
    assertThat(engine.loads.get(2).options().quantization())
        .isEqualTo(Quantization.int8().withHead(true));
  }

  @Test
  void theFolderOfPackedWeightsIsForEveryRole() {
    generate("--expert e --anti-expert a --weight-cache kept");
    assertThat(engine.loads)
        .extracting(load -> load.options().weightCache())
        .containsOnly(Optional.of(Path.of("kept")))
        .hasSize(3);
    generate("--expert e --anti-expert a");
    assertThat(engine.loads.get(3).options().weightCache()).isEmpty();
  }

  @Test
  void theLayoutIsForEveryRole() {
    generate("--expert e --anti-expert a --layout packed-twice");
    assertThat(engine.loads)
        .extracting(load -> load.options().layout())
        .containsOnly(WeightLayout.PACKED_TWICE)
        .hasSize(3);
  }

  @Test
  void expertsMayHaveALayoutOfTheirOwn() {
    generate("--expert e --anti-expert a --expert-layout packed-twice");
    assertThat(engine.loads)
        .extracting(load -> load.options().layout())
        .containsExactly(WeightLayout.PACKED, WeightLayout.PACKED_TWICE, WeightLayout.PACKED_TWICE);
  }

  @Test
  void expertsAreQuantizedAsTheBaseUnlessToldOtherwise() {
    generate("--expert e --anti-expert a --quantize int8");
    assertThat(engine.loads.get(1).options().quantization()).isEqualTo(Quantization.int8());
  }

  @Test
  void textStreamsWithWhatWasHeldBackAndOneLineBreak() {
    CliRun run = generate("");
    assertThat(run.out()).isEqualTo(FakeTuner.TEXT + System.lineSeparator());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void statsGoToStandardErrorInRootLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(generate("--stats").err())
          .isEqualToNormalizingNewlines(
              "2 prompt tokens, 3 generated (end_of_text, id 2); prefill 0.250 s, first token 0.300"
                  + " s, decode 1.500 s, 2.0 tokens/s; seed 77\n");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void speculationReachesTheTunerAndItsStatsAreReported() {
    generate("");
    assertThat(engine.tuner.options.speculation()).isEqualTo(Speculation.auto());
    generate("--speculation off");
    assertThat(engine.tuner.options.speculation()).isEqualTo(Speculation.off());
    assertThat(generate("--speculation 8 --stats").err())
        .contains("8 tokens drafted in 2 rounds, 4 accepted (50.0 %)");
    assertThat(engine.tuner.options.speculation()).isEqualTo(Speculation.draft(8));
    assertThat(generate("--speculation 8 --json").json().at("/stats/acceptance_rate").doubleValue())
        .isEqualTo(0.5);
  }

  @Test
  void jsonHasTheWholeResult() {
    JsonNode json = generate("--json --seed 5").json();
    assertThat(json.get("text").textValue()).isEqualTo(FakeTuner.TEXT);
    assertThat(json.get("token_ids")).hasToString("[3,5,2]");
    assertThat(json.get("finish_reason").textValue()).isEqualTo("end_of_text");
    assertThat(json.get("stop_id").intValue()).isEqualTo(2);
    assertThat(json.get("prompt_token_ids")).hasToString("[1,9]");
    assertThat(json.get("seed").longValue()).isEqualTo(5);
    assertThat(json.get("stats"))
        .hasToString(
            "{\"prompt_tokens\":2,\"generated_tokens\":3,\"prefill_seconds\":0.25,"
                + "\"time_to_first_token_seconds\":0.3,\"decode_seconds\":1.5,"
                + "\"tokens_per_second\":2.0,\"draft_rounds\":0,\"drafted_tokens\":0,"
                + "\"accepted_tokens\":0,\"acceptance_rate\":0.0,"
                + "\"unsteered_tokens\":0,\"unasked_tokens\":0,\"audited_tokens\":0,"
                + "\"audited_changed\":0,\"audited_divergence\":0.0,"
                + "\"translated_tokens\":0,\"unmapped_share\":0.0,\"spelled_tokens\":0,"
                + "\"reread_tokens\":0}");
    assertThat(json.has("logprobs")).isFalse();
    assertThat(json.has("completions")).isFalse();
  }

  @Test
  void jsonHasLogprobsOnRequest() {
    JsonNode logprobs = generate("--logprobs 1 --json").json().get("logprobs");
    assertThat(engine.tuner.options.topLogprobs()).isEqualTo(1);
    assertThat(logprobs).hasSize(3);
    assertThat(logprobs.get(0))
        .hasToString(
            "{\"id\":3,\"token\":\"t3\",\"logprob\":-1.5,"
                + "\"top\":[{\"id\":4,\"token\":\"t4\",\"logprob\":-0.25}],"
                + "\"roles\":[{\"role\":\"base\",\"pair\":0,\"logprob\":-1.5,"
                + "\"top\":[{\"id\":4,\"token\":\"t4\",\"logprob\":-0.25}]},"
                + "{\"role\":\"anti_expert\",\"pair\":0,\"logprob\":null,\"top\":[]}]}");
  }

  @Test
  void logprobsWithoutANumberHaveNoAlternatives() {
    generate("--logprobs --json");
    assertThat(engine.tuner.options.logprobs()).isTrue();
    assertThat(engine.tuner.options.topLogprobs()).isZero();
  }

  @Test
  void logprobsFollowTheTextForPeople() {
    assertThat(generate("--logprobs").out().lines())
        .contains("3 t3 -1.5000 (base -1.5000, anti_expert -Infinity) likeliest: t4 -0.2500");
  }

  @Test
  void severalTextsAreNumbered() {
    assertThat(generate("--n 2").out())
        .isEqualToNormalizingNewlines(
            "--- 1 of 2, seed 100 ---\n"
                + FakeTuner.TEXT
                + "\n--- 2 of 2, seed 101 ---\n"
                + FakeTuner.TEXT
                + "\n");
  }

  @Test
  void severalTextsInJsonAreTheFirstAndAll() {
    JsonNode json = generate("--n 2 --json").json();
    assertThat(json.get("seed").longValue()).isEqualTo(100);
    assertThat(json.get("completions")).hasSize(2);
    assertThat(json.get("completions").get(1).get("seed").longValue()).isEqualTo(101);
    assertThat(json.get("completions").get(1).get("text").textValue()).isEqualTo(FakeTuner.TEXT);
  }

  @Test
  void loadingIsShownToAPersonOnly(@TempDir Path folder) throws Exception {
    Path base = Files.createDirectory(folder.resolve("big-base"));
    String[] args = {"generate", "--base", base.toString(), "--prompt", "p"};
    assertThat(interactive(args).err()).contains("big-base").contains("2/2");
    assertThat(CliRun.of(engine, args).err()).isEmpty();
    String[] quiet = {"generate", "--base", base.toString(), "--prompt", "p", "--quiet"};
    assertThat(interactive(quiet).err()).isEmpty();
    String[] json = {"generate", "--base", base.toString(), "--prompt", "p", "--json"};
    assertThat(interactive(json).err()).isEmpty();
  }

  private CliRun interactive(String... args) {
    return CliRun.of(engine, new Cancellation(Thread.currentThread()), "", true, args);
  }
}
