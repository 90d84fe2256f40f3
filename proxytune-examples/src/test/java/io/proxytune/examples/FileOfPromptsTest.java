package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ContextLengthException;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationStats;
import io.proxytune.Prompt;
import io.proxytune.examples.cli.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate --input --output} over a tuner that tells what it was asked. */
class FileOfPromptsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FakeEngine engine = new FakeEngine();
  private final List<Prompt> prompts = new ArrayList<>();
  private final List<GenerationOptions> asked = new ArrayList<>();

  @TempDir private Path folder;
  private Path input;
  private Path output;

  @BeforeEach
  void answerWithThePrompt() {
    input = folder.resolve("in.jsonl");
    output = folder.resolve("out.jsonl");
    engine.tuner.atAsync =
        (prompt, options) -> {
          prompts.add(prompt);
          asked.add(options);
          return CompletableFuture.completedFuture(text(prompt.toString()));
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
    return CliRun.of(engine, arguments(more));
  }

  private String[] arguments(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("generate", "--base", "a", "--input", input.toString(), "--output"));
    args.add(output.toString());
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private void write(String... lines) throws IOException {
    Files.writeString(input, String.join("\n", lines) + "\n");
  }

  private List<JsonNode> results() throws IOException {
    List<JsonNode> results = new ArrayList<>();
    for (String line : Files.readAllLines(output)) {
      results.add(JSON.readTree(line));
    }
    return results;
  }

  private List<Integer> lines() throws IOException {
    return results().stream().map(result -> result.path("line").intValue()).toList();
  }

  private static String numbered(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> String.format(Locale.ROOT, "{\"id\": \"n%d\", \"prompt\": \"p%d\"}", i, i))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void everyLineHasItsResult() throws IOException {
    write(
        "{\"id\": \"first\", \"prompt\": \"a cat\"}",
        "",
        "{\"id\": 12, \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
        "  {\"ids\": [4, 5, 6]}\r");
    CliRun run = run();

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("3 texts written", "0 were there before", "0 bad lines");
    assertThat(lines()).containsExactly(1, 3, 4);
    assertThat(results().get(0).path("id").textValue()).isEqualTo("first");
    assertThat(results().get(1).path("id").intValue()).isEqualTo(12);
    assertThat(results().get(2).has("id")).isFalse();
    assertThat(results().get(0).path("finish_reason").textValue()).isEqualTo("end_of_text");
    assertThat(prompts.get(0)).isEqualTo(Prompt.of("a cat"));
    assertThat(prompts.get(1).toString()).contains("hi");
    assertThat(prompts.get(2)).isEqualTo(Prompt.ofIds(4, 5, 6));
  }

  @Test
  void linesHaveOptionsOfTheirOwn() throws IOException {
    write(
        "{\"prompt\": \"a\", \"max_new_tokens\": 3, \"stop\": [\"x\", \"--y\"], \"seed\": 5,"
            + " \"temperature\": 0.5, \"logit_bias\": {\"2\": -1.5}, \"ignore_eos\": true,"
            + " \"ban\": [1, 3]}",
        "{\"prompt\": \"b\"}");
    assertThat(run("--max-new-tokens", "9", "--logit-bias", "1=2", "--stop", "z").status())
        .isZero();

    GenerationOptions own = asked.get(0);
    assertThat(own.maxNewTokens()).isEqualTo(3);
    assertThat(own.stopStrings()).containsExactly("z", "x", "--y");
    assertThat(own.seed()).hasValue(5);
    assertThat(own.logitBias()).containsEntry(1, 2.0).containsEntry(2, -1.5);
    assertThat(own.bannedIds()).containsExactlyInAnyOrder(1, 3);
    assertThat(own.ignoreEndOfText()).isTrue();
    assertThat(own.sampler().toString()).contains("0.5");
    assertThat(asked.get(1).maxNewTokens()).isEqualTo(9);
    assertThat(asked.get(1).stopStrings()).containsExactly("z");
    assertThat(asked.get(1).ignoreEndOfText()).isFalse();
  }

  @Test
  void chatOptionsHoldForAllLines() throws IOException {
    write("{\"prompt\": \"hi\"}");
    assertThat(run("--chat", "--system", "Be brief.").status()).isZero();
    assertThat(prompts.get(0).toString()).contains("Be brief.", "hi");
  }

  @Test
  void badLinesAreNamedAndTheOthersDone() throws IOException {
    engine.tuner.atAsync =
        (prompt, options) -> {
          if (prompt.toString().contains("long")) {
            throw new ContextLengthException("too long by 3 tokens");
          }
          return prompt.toString().contains("late")
              ? CompletableFuture.failedFuture(new ContextLengthException("no room"))
              : CompletableFuture.completedFuture(text("fine"));
        };
    write(
        "{\"prompt\": \"good\"}",
        "{\"prompt\": ",
        "[1]",
        "{\"prompt\": \"a\", \"tempreature\": 1}",
        "{\"prompt\": \"a\", \"temperature\": \"hot\"}",
        "{\"prompt\": \"a\", \"ids\": [1]}",
        "{\"id\": 3}",
        "{\"prompt\": \"long\"}",
        "{\"prompt\": \"late\"}",
        "{\"ids\": [1, -2]}",
        "{\"prompt\": \"a\", \"top_p\": 7}",
        "{\"id\": {}, \"prompt\": \"a\"}",
        "{\"messages\": []}",
        "{\"prompt\": \"good\"}");
    Files.write(input, new byte[] {'"', (byte) 0xff, '"', '\n'}, StandardOpenOption.APPEND);
    CliRun run = run();

    assertThat(run.status()).isEqualTo(3);
    assertThat(lines()).containsExactlyInAnyOrder(1, 14);
    String in = "proxytune: --input " + input + " line ";
    List<String> said = run.err().lines().filter(line -> line.startsWith(in)).toList();
    assertThat(said).hasSize(13);
    assertThat(run.err())
        .contains(in + "2: it is no JSON")
        .contains(in + "3: it must be a JSON object, got [1]")
        .contains(in + "4: \"tempreature\" is unknown")
        .contains(in + "5: Invalid value for option '--temperature'")
        .contains(
            in + "6: it needs one of \"prompt\", \"messages\" and \"ids\", got ids and prompt")
        .contains(in + "7: it needs one of \"prompt\", \"messages\" and \"ids\", got none")
        .contains(in + "8: too long by 3 tokens")
        .contains(in + "9: no room")
        .contains(in + "10: \"ids\" must be token ids from 0 on, got -2 at index 1")
        .contains(in + "11: ")
        .contains(in + "12: \"id\" must be a text or a whole number, got {}")
        .contains(in + "13: messages must hold a JSON list")
        .contains(in + "15: it is not UTF-8 text")
        .contains("2 texts written", "13 bad lines");
  }

  @Test
  void errorsOfTheProgramEndTheRun() throws IOException {
    engine.tuner.atAsync =
        (prompt, options) -> CompletableFuture.failedFuture(new ArithmeticException("bug"));
    write("{\"prompt\": \"a\"}");
    assertThat(run().status()).isEqualTo(1);
  }

  /** Ends two texts at a time, the later one first, once both are waited for. */
  private void endInPairsTheLaterFirst() {
    List<CompletableFuture<Generation>> open = new ArrayList<>();
    engine.tuner.atAsync =
        (prompt, options) -> {
          CompletableFuture<Generation> future = new CompletableFuture<>();
          open.add(future);
          if (open.size() == 2) {
            List<CompletableFuture<Generation>> both = List.copyOf(open);
            open.clear();
            new Thread(() -> endBackwards(both)).start();
          }
          return future;
        };
  }

  private static void endBackwards(List<CompletableFuture<Generation>> both) {
    while (both.get(1).getNumberOfDependents() == 0) {
      Thread.onSpinWait();
    }
    both.get(1).complete(text("later"));
    both.get(0).complete(text("earlier"));
  }

  @Test
  void resultsComeAsTheyEndOrInOrder() throws IOException {
    endInPairsTheLaterFirst();
    write(numbered(6));
    assertThat(run("--at-once", "2").status()).isZero();
    assertThat(lines()).containsExactly(2, 1, 4, 3, 6, 5);

    output = folder.resolve("ordered.jsonl");
    assertThat(run("--at-once", "2", "--in-order").status()).isZero();
    assertThat(lines()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  /** Three are held until all of them are there, and the last two of twenty. */
  @Test
  void noMoreTextsThanAskedForAreUnderWay() throws IOException {
    List<CompletableFuture<Generation>> held = new ArrayList<>();
    AtomicInteger underWay = new AtomicInteger();
    List<Integer> seen = new ArrayList<>();
    engine.tuner.atAsync =
        (prompt, options) -> {
          CompletableFuture<Generation> future = new CompletableFuture<>();
          held.add(future);
          seen.add(underWay.incrementAndGet());
          if (held.size() == 3 || seen.size() == 20) {
            List<CompletableFuture<Generation>> now = List.copyOf(held);
            held.clear();
            new Thread(() -> end(now, underWay)).start();
          }
          return future;
        };
    write(numbered(20));
    assertThat(run("--at-once", "3").status()).isZero();
    assertThat(seen).hasSize(20).allMatch(count -> count <= 3).contains(3);
    assertThat(lines()).hasSize(20);
  }

  private static void end(List<CompletableFuture<Generation>> texts, AtomicInteger underWay) {
    for (CompletableFuture<Generation> each : texts) {
      underWay.decrementAndGet();
      each.complete(text("done"));
    }
  }

  @Test
  void runGoesOnWhereItWasEnded() throws IOException {
    write(numbered(5));
    assertThat(run().status()).isZero();
    String whole = Files.readString(output);
    List<String> lines = whole.lines().toList();
    String torn = lines.get(0) + "\n" + lines.get(3) + "\n" + lines.get(2).substring(0, 20);
    Files.writeString(output, torn);
    prompts.clear();
    CliRun again = run();

    assertThat(again.err()).contains("3 texts written", "2 were there before");
    assertThat(prompts).containsExactly(Prompt.of("p1"), Prompt.of("p2"), Prompt.of("p4"));
    assertThat(lines()).containsExactly(1, 4, 2, 3, 5);
    assertThat(Files.readString(output).lines().sorted())
        .isEqualTo(lines.stream().sorted().toList());

    prompts.clear();
    assertThat(run("--json").json().path("before").intValue()).isEqualTo(5);
    assertThat(prompts).isEmpty();
  }

  @Test
  void correctedLinesAreDoneInTheNextRun() throws IOException {
    write("{\"prompt\": \"a\"}", "{\"promt\": \"b\"}");
    assertThat(run().status()).isEqualTo(3);
    write("{\"prompt\": \"a\"}", "{\"prompt\": \"b\"}", "{\"prompt\": \"c\"}");
    assertThat(run().status()).isZero();
    assertThat(lines()).containsExactly(1, 2, 3);
  }

  @Test
  void resultsOfOthersAreNotTouched() throws IOException {
    write(numbered(2));
    assertThat(run().status()).isZero();
    write("{\"id\": \"other\", \"prompt\": \"a\"}");
    String before = Files.readString(output);
    CliRun refused = run();
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("has the id \"n0\"", "has \"other\" now");
    assertThat(Files.readString(output)).isEqualTo(before);

    for (String foreign : List.of("my diary\n", "{\"a\": 1}\n", "{\"line\": 1}\n{\"line\": 1}\n")) {
      Files.writeString(output, foreign);
      assertThat(run().status()).isEqualTo(2);
      assertThat(Files.readString(output)).isEqualTo(foreign);
    }
  }

  @Test
  void twoRunsDoNotWriteOneFile() throws IOException {
    write(numbered(1));
    try (FileChannel other =
            FileChannel.open(output, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = other.lock()) {
      assertThat(lock.isValid()).isTrue();
      CliRun refused = run();
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err()).contains("another run is writing it");
    }
  }

  @Test
  void interruptEndsWhatIsUnderWay() throws Exception {
    Cancellation cancellation = new Cancellation(Thread.currentThread());
    List<CompletableFuture<Generation>> open = new ArrayList<>();
    engine.tuner.atAsync =
        (prompt, options) -> {
          CompletableFuture<Generation> future =
              open.isEmpty()
                  ? CompletableFuture.completedFuture(text("one"))
                  : new CompletableFuture<>();
          open.add(future);
          if (open.size() == 3) {
            cancellation.cancel();
          }
          return future;
        };
    write(numbered(3));
    CliRun run = CliRun.of(engine, cancellation, "", false, arguments());
    boolean interrupted = Thread.interrupted();

    assertThat(run.status()).isEqualTo(130);
    assertThat(interrupted).isTrue();
    assertThat(open.subList(1, 3)).allMatch(CompletableFuture::isCancelled);
    assertThat(engine.closed).contains("tuner");
  }

  @Test
  void badUsageIsRefusedBeforeAnythingIsLoaded() throws IOException {
    write(numbered(1));
    String in = input.toString();
    String out = output.toString();
    List<List<String>> wrong =
        List.of(
            List.of("--input", in),
            List.of("--output", out),
            List.of("--prompt", "a", "--in-order"),
            List.of("--input", in, "--output", out, "--prompt", "a"),
            List.of("--input", in, "--output", out, "--n", "2"),
            List.of("--input", in, "--output", out, "--at-once", "0"),
            List.of("--input", in + ".missing", "--output", out),
            List.of("--input", in, "--output", folder.toString()));
    for (List<String> options : wrong) {
      List<String> args = new ArrayList<>(List.of("generate", "--base", "a"));
      args.addAll(options);
      CliRun run = CliRun.of(engine, args.toArray(String[]::new));
      assertThat(run.status()).as("%s: %s", options, run.err()).isEqualTo(2);
      assertThat(run.err()).startsWith("proxytune: ").hasLineCount(1);
    }
    assertThat(engine.loads).isEmpty();
    assertThat(new String(Files.readAllBytes(input), UTF_8)).isEqualTo(numbered(1) + "\n");
  }
}
