package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.Choice;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.ByteCheckpoint;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients in Python get from the server what the tuner says. They come from PyPI, so that this is
 * run by the profile {@code clients} alone; the property {@code proxytune.python} names a Python
 * that has what {@code src/clients/requirements.txt} asks for.
 */
@Tag("clients")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientsTest {
  private static final String KEY = "a-key-of-a-test";
  private static final String MODEL = "base+expert";
  private static final String QUESTION = "What does Greta Keld play?";
  private static final GenerationOptions GREEDY = GenerationOptions.defaults();
  private static final int ITEMS = 40;

  private final FamilyFolder family = FamilyFolder.require(null);
  private @TempDir Path folder;
  private LogitModel base;
  private LogitModel expert;
  private LogitModel antiExpert;
  private ProxyTuner tuner;
  private RunningServer server;

  @BeforeAll
  void start() {
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    base = TorchModels.load(family.base(), options);
    expert = TorchModels.load(family.expert(), options);
    antiExpert = TorchModels.load(family.small(), options);
    ExpertPair pair = ExpertPair.of(expert, antiExpert);
    tuner = RunningServer.tuner(base, List.of(pair));
    server =
        RunningServer.of(
            RunningServer.settings(ApiKeys.parse("keys", KEY), ServerLimits.USUAL, null),
            base,
            pair);
  }

  @AfterAll
  void stop() {
    server.close();
    tuner.close();
    base.close();
    expert.close();
    antiExpert.close();
  }

  /** Runs a client, and reads what it wrote. */
  private JsonNode run(String script, String... args) throws Exception {
    return run(server, script, args);
  }

  private JsonNode run(RunningServer to, String script, String... args) throws Exception {
    Path out = folder.resolve(script + ".json");
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("proxytune.python", "python3"),
                Path.of("src/clients", script).toString(),
                to.uri("/v1").toString(),
                KEY));
    command.addAll(Arrays.asList(args));
    command.add(out.toString());
    Path log = folder.resolve(script + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
    return RunningServer.JSON.readTree(out.toFile());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  @Test
  void openAisPackageGetsFormsAndCalls() throws Exception {
    try (LogitModel bytes = TorchModels.load(ByteCheckpoint.write(folder.resolve("bytes"), 1));
        RunningServer other =
            RunningServer.of(
                RunningServer.settings(ApiKeys.parse("keys", KEY), ServerLimits.USUAL, null),
                bytes)) {
      JsonNode said = run(other, "openai_structured_client.py", "bytes");
      for (String weather : List.of("parsed", "streamed", "streamed_call")) {
        assertThat(said.get(weather).get("city").textValue()).isIn("Paris", "Rome");
        assertThat(said.get(weather).get("sunny").isBoolean()).isTrue();
      }
      assertThat(said.get("streamed")).isEqualTo(said.get("parsed"));
      assertThat(said.get("parsed_finish").textValue()).isEqualTo("stop");
      for (String choice : List.of("required", "named")) {
        assertThat(said.get(choice).get(0).textValue()).isEqualTo("weather");
        assertThat(said.get(choice + "_finish").textValue()).isEqualTo("tool_calls");
      }
      assertThat(said.get("streamed_finish").textValue()).isEqualTo("tool_calls");
      assertThat(said.get("streamed_events")).isNotEmpty();
      assertThat(said.get("answered").textValue()).isIn("It is sunny.", "It rains.");
    }
  }

  @Test
  void openAisPackageGetsWhatTheTunerSays() throws Exception {
    JsonNode said = run("openai_client.py", MODEL, "base", QUESTION);
    assertThat(texts(said.get("models"))).containsExactly(MODEL, "base");
    assertThat(said.get("retrieved").textValue()).isEqualTo("base");
    completions(said);
    chats(said);
    assertThat(said.get("suffix").get("param").textValue()).isEqualTo("suffix");
    assertThat(said.get("format").get("param").textValue()).isEqualTo("response_format");
    assertThat(said.get("unknown").get("code").textValue()).isEqualTo("model_not_found");
    assertThat(said.get("long").get("code").textValue()).isEqualTo("context_length_exceeded");
    assertThat(said.get("key").get("status").intValue()).isEqualTo(401);
  }

  private void completions(JsonNode said) {
    Generation text =
        tuner.generate(Prompt.of(QUESTION), GREEDY.withMaxNewTokens(8).withLogprobs(2));
    assertThat(said.get("completion").textValue()).isEqualTo(text.text());
    assertThat(said.get("completion_streamed").textValue()).isEqualTo(text.text());
    assertThat(said.get("completion_finish").textValue())
        .isEqualTo(text.stopId().isPresent() ? "stop" : "length");
    assertThat(said.get("completion_usage").intValue())
        .isEqualTo(text.promptTokenIds().size() + text.tokenIds().size());
    for (int i = 0; i < said.get("completion_logprobs").size(); i++) {
      TokenLogprobs of = text.tokens().get(i).logprobs();
      assertThat(said.get("completion_logprobs").get(i).doubleValue())
          .isCloseTo(of.logprob(), within(1e-4));
    }
    List<String> sampled =
        tuner
            .generateMany(
                Prompt.of(QUESTION),
                2,
                GREEDY.withSampler(Sampler.temperature(1.2)).withSeed(11).withMaxNewTokens(6))
            .stream()
            .map(Generation::text)
            .toList();
    List<String> twice = new ArrayList<>(sampled);
    twice.addAll(sampled);
    assertThat(texts(said.get("sampled"))).isEqualTo(twice);
    int[] ids = tuner.tokenizer().encode(QUESTION, true);
    List<TokenLogprobs> echoed =
        tuner.logprobs(Prompt.ofIds(ids[0]), Arrays.copyOfRange(ids, 1, ids.length), 0);
    assertThat(said.get("echo_logprobs")).hasSize(ids.length);
    for (int i = 0; i < echoed.size(); i++) {
      assertThat(said.get("echo_logprobs").get(i + 1).doubleValue())
          .isCloseTo(echoed.get(i).logprob(), within(1e-4));
    }
  }

  private void chats(JsonNode said) {
    Prompt prompt = Prompt.chat(ChatMessage.user(QUESTION));
    Generation chat = tuner.generate(prompt, GREEDY.withMaxNewTokens(24).withLogprobs(0));
    assertThat(said.get("chat").textValue()).isEqualTo(chat.text());
    assertThat(said.get("chat_streamed").textValue()).isEqualTo(chat.text());
    assertThat(said.get("chat_role").textValue()).isEqualTo("assistant");
    assertThat(said.get("chat_usage").get(0).intValue()).isEqualTo(chat.promptTokenIds().size());
    assertThat(said.get("chat_usage").get(1).intValue()).isEqualTo(chat.tokenIds().size());
    assertThat(said.get("chat_logprobs").get(0).doubleValue())
        .isCloseTo(chat.tokens().get(0).logprobs().logprob(), within(1e-4));
    try (ProxyTuner weak =
        RunningServer.tuner(base, List.of(new ExpertPair(expert, antiExpert, 0.25)))) {
      Generation other = weak.generate(prompt, GREEDY.withMaxNewTokens(24));
      assertThat(said.get("chat_alpha").textValue()).isEqualTo(other.text());
      assertThat(said.get("changed")).hasSize(other.tokenIds().size());
    }
  }

  /** The items of the family's test set that are choices, with the index of the answer. */
  private List<JsonNode> items() throws IOException {
    List<JsonNode> items = new ArrayList<>();
    for (String line : Files.readAllLines(family.data("test"))) {
      JsonNode item = RunningServer.json(line);
      if (item.has("options") && items.size() < ITEMS) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        kept.put("prompt", item.get("prompt").textValue());
        kept.set("options", item.get("options"));
        kept.put("answer", texts(item.get("options")).indexOf(" " + item.get("answer").asText()));
        items.add(kept);
      }
    }
    return items;
  }

  @Test
  void anEvaluationScoresAsTheTunerDoes() throws Exception {
    List<JsonNode> items = items();
    assertThat(items).hasSize(ITEMS);
    Path file = folder.resolve("items.jsonl");
    Files.write(file, items.stream().map(JsonNode::toString).toList());
    JsonNode said =
        run("lm_eval_client.py", MODEL, family.base().toAbsolutePath().toString(), file.toString());
    int right = 0;
    for (int i = 0; i < items.size(); i++) {
      Prompt prompt = Prompt.of(items.get(i).get("prompt").textValue());
      Choice choice = tuner.choose(prompt, texts(items.get(i).get("options")));
      right += choice.index() == items.get(i).get("answer").intValue() ? 1 : 0;
      for (int option = 0; option < choice.scores().size(); option++) {
        assertThat(said.get("logprobs").get(i).get(option).doubleValue())
            .isCloseTo(choice.scores().get(option).total(), within(1e-3));
      }
      Generation text =
          tuner.generate(prompt, GREEDY.withMaxNewTokens(8).withStopStrings(".", "</s>"));
      assertThat(said.get("texts").get(i).textValue()).isEqualTo(text.text());
    }
    assertThat(said.get("acc").doubleValue()).isCloseTo((double) right / ITEMS, within(1e-9));
    assertThat(said.get("greedy").toString()).contains("true");
  }
}
