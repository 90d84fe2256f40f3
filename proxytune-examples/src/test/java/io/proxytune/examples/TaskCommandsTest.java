package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationStats;
import io.proxytune.Prompt;
import io.proxytune.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code evaluate --task} over a tuner that tells what it was asked. */
class TaskCommandsTest {
  private static final String QUESTIONS =
      """
      {"question": "One and two?", "answer": "#### 3"}
      {"question": "Two and two?", "answer": "#### 4"}
      """;

  private final FakeEngine engine = new FakeEngine();
  private final List<Prompt> prompts = new ArrayList<>();
  private final List<GenerationOptions> asked = new ArrayList<>();

  @TempDir private Path folder;
  private Path output;

  @BeforeEach
  void answer() throws IOException {
    output = folder.resolve("run");
    Files.writeString(folder.resolve("test.jsonl"), QUESTIONS);
    engine.tuner.atAsync =
        (prompt, options) -> {
          prompts.add(prompt);
          asked.add(options);
          String text = prompt.plainText().contains("One") ? " It is 3." : " It is 5.";
          return CompletableFuture.completedFuture(text(text));
        };
  }

  private static Generation text(String text) {
    return new Generation(
        text,
        List.of(3),
        FinishReason.END_OF_TEXT,
        List.of(1),
        7,
        List.of(),
        new GenerationStats(1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }

  private CliRun run(String... more) {
    Stream<String> first =
        Stream.of("evaluate", "--task", "gsm8k", "--data", folder.toString(), "--base", "a");
    return CliRun.of(engine, Stream.concat(first, Stream.of(more)).toArray(String[]::new));
  }

  private static String[] pair(String... more) {
    Stream<String> first = Stream.of("--expert", "b", "--anti-expert", "c");
    return Stream.concat(first, Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void everySystemAnswersEveryItem() {
    CliRun run = run(pair("--direct", "d", "--expert-format", "inst", "--json"));
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode json = run.json();
    assertThat(json.path("systems").propertyStream().map(it -> it.getKey()))
        .containsExactly("base", "expert", "steered", "direct");
    JsonNode steered = json.path("systems").path("steered");
    assertThat(steered.path("metrics").path("exact_match").doubleValue()).isEqualTo(0.5);
    assertThat(steered.path("count").intValue()).isEqualTo(1);
    assertThat(steered.path("interval").size()).isEqualTo(2);
    assertThat(steered.path("unanswered").intValue()).isZero();
    JsonNode item = steered.path("items").path(1);
    assertThat(item.toString())
        .isEqualTo(
            "{\"id\":\"gsm8k/2\",\"prompt\":\"Answer the following question.\\n\\nQuestion: Two and"
                + " two?\\nAnswer:\",\"expected\":[\"4\"],\"outputs\":[\" It is 5.\"],"
                + "\"parsed\":[\"5\"],\"correct\":false}");
    for (String name : List.of("version", "date", "command", "metric", "judge", "options")) {
      assertThat(json.path(name).isMissingNode()).as(name).isFalse();
    }
    assertThat(json.path("command").textValue()).startsWith("evaluate --task gsm8k --data ");
    assertThat(json.path("models").findValuesAsText("role"))
        .containsExactly("base", "expert", "anti-expert", "direct");
    assertThat(engine.closed).contains("a", "b", "c", "d");
  }

  @Test
  void everyoneReadsAsTheirRoleDoes() {
    run(pair("--limit", "1", "--direct", "d", "--expert-format", "inst"));
    String plain = "Answer the following question.\n\nQuestion: One and two?";
    String chat = "[INST] " + plain + " [/INST] Answer:";
    assertThat(prompts.stream().map(Prompt::plainText))
        .containsExactly(plain + "\nAnswer:", chat, plain + "\nAnswer:", chat);
    assertThat(prompts.get(2).textFor(Role.EXPERT, 0)).contains(chat);
    assertThat(asked.get(0).maxNewTokens()).isEqualTo(512);
    assertThat(asked.get(0).stopStrings())
        .containsExactly("Answer the following question", "Question:", "Comment:");
  }

  @Test
  void aReportIsForPeopleToo() throws IOException {
    Path page = folder.resolve("page.html");
    CliRun run = run(pair("--html", page.toString()));
    assertThat(run.out()).contains("GSM8K", "exact_match", "0.5000", "95 % interval", "steered");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(page).content().contains("exact_match");
  }

  @Test
  void aRunGoesOnWhereItWasEnded() throws IOException {
    String[] args = pair("--output", output.toString(), "--json");
    JsonNode first = run(args).json();
    assertThat(prompts).hasSize(6);
    Path texts = output.resolve("gsm8k-steered.jsonl");
    String half = Files.readString(texts);
    Files.writeString(texts, half.substring(0, half.indexOf('\n') + 4));
    prompts.clear();
    JsonNode second = run(args).json();
    assertThat(prompts).hasSize(1);
    assertThat(second.path("systems")).isEqualTo(first.path("systems"));
    assertThat(output.resolve("gsm8k.json")).content().contains("\"exact_match\"");
  }

  @Test
  void textsOfAnotherRunAreNotGoneOnWith() throws IOException {
    run(pair("--output", output.toString()));
    CliRun other = run(pair("--output", output.toString(), "--alpha", "0.5"));
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("holds texts of other models, items or options");
    Files.writeString(folder.resolve("test.jsonl"), QUESTIONS.replace("Two", "Three"));
    assertThat(run(pair("--output", output.toString())).err()).contains("holds texts of other");
  }

  @Test
  void itemsWithoutAnAnswerAreCounted() {
    engine.tuner.atAsync =
        (prompt, options) ->
            prompt.plainText().contains("One")
                ? CompletableFuture.completedFuture(text("3"))
                : CompletableFuture.failedFuture(new IllegalArgumentException("too\nlong"));
    CliRun run = run("--json");
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).contains("base has no answer to gsm8k/2: too long");
    assertThat(run.json().path("systems").path("base").path("unanswered").intValue()).isEqualTo(1);
    assertThat(run.json().at("/systems/base/metrics/exact_match").doubleValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--systems base,director|there is no director here, only base",
        "--samples 5|this benchmark is answered greedily",
        "--limit 0|--limit must be >= 1, got 0",
        "--max-new-tokens 0|--max-new-tokens must be >= 1, got 0",
        "--at-once 0|--at-once must be from 1 to 4096, got 0",
        "--system Hi|--system needs --expert-format inst or chat",
        "--expert-format llama|expected plain, inst or chat, got 'llama'",
        "--judge-url http://x/v1|--judge-url and --judge-model go together",
        "--judge-key-file k|--judge-key-file needs --judge-url",
        "--keep-verdicts k|--keep-verdicts needs --judge-command or --judge-url",
        "--judge-time-limit 0|--judge-time-limit must be above 0",
        "--verdicts a --judge-command b|give one of --judge-command, --judge-url and --verdicts"
      })
  void badUsageIsRefusedBeforeAnythingIsLoaded(String options, String message) {
    CliRun run = run(options.split(" ", -1));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(engine.loads).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ds1000|is not run: its tests need Python 3.7",
        "nothing|--task must be one of gsm8k",
        "triviaqa|must be a folder that holds dev.jsonl",
        "realtimeqa|must be a folder that holds weekly files"
      })
  void tasksThatCantBeRunSayWhy(String task, String message) {
    CliRun run =
        CliRun.of(engine, "evaluate", "--task=" + task, "--data", folder.toString(), "--base", "a");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  private CliRun score(String task, String rows, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("outputs.jsonl"), rows);
    Stream<String> first =
        Stream.of("evaluate", "--task", task, "--outputs", file.toString(), "--json");
    return CliRun.of(engine, Stream.concat(first, Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void outputsAreScoredWithoutAModel() throws IOException {
    String row = "{\"question\": \"?\", \"answer\": \"3\", \"model_output\": \"3\", ";
    CliRun run = score("gsm8k", row + "\"prediction\": \"3\"}\n" + row + "\"prediction\": \"4\"}");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode outputs = run.json().path("systems").path("outputs");
    assertThat(outputs.at("/metrics/exact_match").doubleValue()).isEqualTo(1);
    assertThat(outputs.path("published_readings").intValue()).isEqualTo(2);
    assertThat(outputs.path("same_here").intValue()).isEqualTo(1);
    assertThat(engine.loads).isEmpty();
  }

  @Test
  void outputsAreNotJudgedWithoutAJudge() throws IOException {
    CliRun run = score("truthfulqa-open", "{\"Question\": \"Why?\", \"output\": \"So.\"}");
    JsonNode outputs = run.json().path("systems").path("outputs");
    assertThat(outputs.at("/metrics/true_info_acc").isNull()).isTrue();
    assertThat(outputs.path("missing").textValue()).isEqualTo("not judged: no judge was given");
    assertThat(run.json().path("judge").textValue()).isEqualTo("none");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aCommandJudges() throws IOException {
    String row = "{\"Question\": \"Why?\", \"output\": \"So.\"}";
    CliRun run =
        score(
            "truthfulqa-open",
            row,
            "--judge-command",
            "while read -r line; do echo '{\"verdict\": 0.75}'; done");
    assertThat(run.json().at("/systems/outputs/metrics/true").doubleValue()).isEqualTo(0.75);
    CliRun broken = score("truthfulqa-open", row, "--judge-command", "exit 1");
    assertThat(broken.status()).isEqualTo(2);
    assertThat(broken.err()).contains("the judge ended before its verdict");
  }

  @Test
  void verdictsOfAFileJudge() throws IOException {
    Path verdicts =
        Files.writeString(
            folder.resolve("verdicts.jsonl"),
            "{\"id\": \"toxigen/1\", \"asks\": \"toxic\", \"verdict\": 1}");
    CliRun run =
        score(
            "toxigen",
            "{\"text\": \"p\", \"target_groups\": [\"women\"], \"prediction\": \"x\"}",
            "--verdicts",
            verdicts.toString());
    assertThat(run.json().at("/systems/outputs/metrics/women").doubleValue()).isEqualTo(1);
    assertThat(run.json().path("judge").textValue()).isEqualTo("verdicts of verdicts.jsonl");
  }

  @Test
  void aKeyIsNeverShown() throws IOException {
    Path key = Files.writeString(folder.resolve("key"), "sesame-42\n");
    CliRun run =
        score(
            "toxigen",
            "{\"text\": \"p\", \"target_groups\": [\"women\"], \"prediction\": \"x\"}",
            "--judge-url",
            "http://127.0.0.1:1/v1",
            "--judge-model",
            "m",
            "--judge-key-file",
            key.toString(),
            "--verbose");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("can't be asked").doesNotContain("sesame");
    Files.writeString(key, "\n");
    CliRun empty =
        score(
            "toxigen",
            "{}",
            "--judge-url",
            "http://127.0.0.1:1/v1",
            "--judge-model",
            "m",
            "--judge-key-file",
            key.toString());
    assertThat(empty.err()).contains("\"text\" must be a text");
  }
}
