package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ContextLengthException;
import io.proxytune.Role;
import io.proxytune.examples.cli.Cancellation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on questions of one's own. */
class EvaluateDataTest {
  private static final String WRITTEN = "a h\u00e9\u20ac\ud83d\ude00";
  private static final String MODELS = "--base b --expert e --anti-expert a --at-once 1";

  private final FakeEngine engine = new FakeEngine();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeQuestions() throws Exception {
    file =
        Files.writeString(
            folder.resolve("q.jsonl"),
            "{\"prompt\": \"p\", \"expected\": \"%s\", \"id\": 7, \"task\": \"write\"}\n"
                    .formatted(WRITTEN)
                + "{\"prompt\": \"p\", \"expected\": \"other\", \"max_new_tokens\": 9}\n"
                + "{\"prompt\": \"p\", \"options\": [\" x\", \" y\"], \"answer\": \"y\"}\n");
  }

  private CliRun run(String options) {
    List<String> args = new ArrayList<>(List.of("evaluate", "--data", file.toString()));
    args.addAll(List.of(options.split(" ")));
    return CliRun.of(engine, args.toArray(String[]::new));
  }

  private JsonNode json(String options) {
    CliRun run = run(options + " --json");
    assertThat(run.status()).as(run.err()).isZero();
    return run.json();
  }

  @Test
  void everySystemAnswersEveryQuestion() {
    JsonNode json = json(MODELS + " --direct d");
    assertThat(json.get("systems").propertyStream().map(Map.Entry::getKey))
        .containsExactly("base", "expert", "steered", "direct");
    assertThat(json.at("/systems/steered/score").doubleValue()).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(json.at("/systems/steered/interval/0").doubleValue())
        .isCloseTo(0.2077, within(1e-4)); // Wilson's, of 2 of 3
    assertThat(json.at("/systems/base/tasks/write/score").doubleValue()).isEqualTo(1);
    assertThat(json.at("/items/0/id").intValue()).isEqualTo(7);
    assertThat(json.at("/items/1/answers/base/answer").textValue()).isEqualTo(FakeTuner.TEXT);
    assertThat(json.at("/items/2/answers/base/option").intValue()).isEqualTo(1);
    assertThat(json.at("/items/1/line").intValue()).isEqualTo(2);
    assertThat(json.get("differences")).hasSize(3);
    assertThat(json.at("/differences/0/method").textValue()).isEqualTo("newcombe");
    assertThat(json.get("command").textValue()).startsWith("evaluate --data ");
    assertThat(json.get("models")).hasSize(4);
  }

  @Test
  void theReportIsReadableAndAPage() throws Exception {
    Path page = folder.resolve("page.html");
    String out = run(MODELS + " --html " + page).out();
    assertThat(out)
        .contains(
            "Scores on 3 questions", "Score of steered minus that of", "Newcombe: his interval")
        .doesNotContain("How it was made");
    assertThat(Files.readString(page))
        .contains("Mean score by system", "How it was made", "data_sha256", "<pre id=\"data\">");
  }

  @Test
  void badLinesAreNamedAndTheStatusSaysSo() throws Exception {
    Files.writeString(file, Files.readString(file) + "{\"prompt\": \"p\", \"max_tokens\": 3}\n");
    CliRun run = run(MODELS + " --json");
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).contains("line 4: \"max_tokens\" is unknown");
    assertThat(run.json().get("items")).hasSize(3);
  }

  @Test
  void answersAreKeptAndNotAskedForAgain() throws Exception {
    Path answers = folder.resolve("answers");
    JsonNode first = json(MODELS + " --answers " + answers);
    engine.tuner.atStream =
        () -> {
          throw new AssertionError("it was asked again");
        };
    JsonNode second = json(MODELS + " --answers " + answers);
    assertThat(second.get("items")).isEqualTo(first.get("items"));
    assertThat(run(MODELS + " --json --check contains --answers " + answers).status()).isZero();
    CliRun other = run(MODELS + " --max-new-tokens 5 --answers " + answers);
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("holds answers of another run: \"options\" differs");
  }

  /** The base reads the plain message, who was tuned the chat template, as they do together. */
  @Test
  void everySystemReadsWhatItReadsWhereItSteers() throws Exception {
    Files.writeString(file, "{\"prompt\": \"p\", \"expected\": \"x\"}\n");
    List<Boolean> templated = new ArrayList<>();
    engine.tuner.atStream =
        () ->
            templated.add(engine.tuner.prompt.usesChatTemplate(Role.BASE, !engine.pairs.isEmpty()));
    json(MODELS + " --chat --direct d");
    assertThat(templated).containsExactly(false, true, false, true);
    templated.clear();
    json("--base b --chat");
    json(MODELS + " --chat --template-roles base");
    assertThat(templated).containsExactly(true, true, false, true);
  }

  @Test
  void ctrlCEndsItAndWhatWasAnsweredStays() throws Exception {
    Cancellation cancellation = new Cancellation(Thread.currentThread());
    Path answers = folder.resolve("answers");
    engine.tuner.atStream =
        () -> {
          if (engine.tuner.options.maxNewTokens() == 9) {
            await(() -> answers.resolve("base.jsonl").toFile().length() > 0);
            cancellation.cancel(); // while the second question is answered
            await(() -> false);
          }
        };
    String options = MODELS + " --data " + file + " --answers " + answers;
    CliRun run = CliRun.of(engine, cancellation, "", false, ("evaluate " + options).split(" "));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(run.status()).isEqualTo(130);
    assertThat(Files.readAllLines(answers.resolve("base.jsonl"))).hasSize(1);
    assertThat(engine.closed).contains("b", "e", "a");
  }

  /** Or until this thread is interrupted in turn. */
  private static void await(BooleanSupplier condition) {
    try {
      while (!condition.getAsBoolean()) {
        Thread.sleep(5);
      }
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted");
    }
  }

  @Test
  void aQuestionThatCantBePutScoresNothingAndIsNamed() throws Exception {
    engine.tuner.atStream =
        () -> {
          if (engine.tuner.options.maxNewTokens() == 9) {
            throw new ContextLengthException("too\nlong");
          }
        };
    CliRun run = run("--base b --at-once 1 --json");
    assertThat(run.status()).isZero();
    assertThat(run.err())
        .isEqualTo("proxytune: line 2 can't be put to base, and scores 0: too long\n");
    assertThat(run.json().at("/items/1/answers/base/score").doubleValue()).isZero();
    assertThat(run.json().at("/items/1/answers/base/finish_reason").textValue())
        .isEqualTo("refused");
  }

  @Test
  void badUsageIsRefusedBeforeLoading() {
    for (Map.Entry<String, String> bad :
        Map.of(
                "--base b --prompt p", "--input holds the prompts",
                "--base b --check like", "expected one of exact, contains, regex, number, command",
                "--base b --check command", "--check command needs the program",
                "--base b --limit 0", "--limit must be >= 1, got 0",
                "--base b --at-once 0", "--at-once must be from 1 to 1024, got 0",
                "--base b --check-seconds 0", "--check-seconds must be above 0",
                "--check exact", "Missing required option: '--base=MODEL'")
            .entrySet()) {
      CliRun run = run(bad.getKey());
      assertThat(run.status()).as(run.toString()).isEqualTo(2);
      assertThat(run.err()).contains(bad.getValue());
    }
    assertThat(engine.loads).isEmpty();
    assertThat(CliRun.of(engine, "evaluate", "--base", "b").err())
        .contains("Missing required option: '--data=FILE'");
  }

  /** Expected is what {@code choose} and {@code generate} give for the same models and prompts. */
  @Tag("slow")
  @Test
  void realModelsAnswerAsOtherCommandsSay() throws Exception {
    Path models = TinyFamily.write(folder.resolve("family"));
    String steering =
        "--base %1$s/base --expert %1$s/expert --anti-expert %1$s/small".formatted(models);
    CliRun generated =
        CliRun.of(
            new TorchEngine(),
            ("generate --json --max-new-tokens 6 --prompt sky " + steering).split(" "));
    assertThat(generated.status()).as(generated.err()).isZero();
    Files.writeString(
        file,
        "{\"prompt\": \"sky\", \"expected\": %s}\n{\"prompt\": \"sky\", \"expected\": \"nothing\"}\n"
            .formatted(generated.json().get("text")));
    String[] args =
        ("evaluate --json --max-new-tokens 6 --data " + file + " " + steering).split(" ");
    JsonNode json = CliRun.of(new TorchEngine(), args).json();
    assertThat(json.at("/items/0/answers/steered/answer")).isEqualTo(generated.json().get("text"));
    assertThat(json.at("/systems/steered/score").doubleValue()).isEqualTo(0.5);
    assertThat(json.at("/items/0/answers/base/answer")).isNotEqualTo(generated.json().get("text"));
  }
}
