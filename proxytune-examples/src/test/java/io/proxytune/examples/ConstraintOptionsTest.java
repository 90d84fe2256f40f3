package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} with a form that the text must have. */
class ConstraintOptionsTest {
  @TempDir private Path folder;
  private final FakeEngine engine = new FakeEngine();

  private CliRun run(String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--base", "a", "--prompt", "p"));
    args.addAll(List.of(more));
    return CliRun.of(engine, args.toArray(String[]::new));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("file"), text);
  }

  private Constraint asked(String... more) {
    CliRun run = run(more);
    assertThat(run.status()).as(run.err()).isZero();
    return engine.tuner.options.constraint().orElseThrow();
  }

  @Test
  void formsReachTheTuner() throws IOException {
    assertThat(asked("--regex", "a+")).isEqualTo(Constraint.regex("a+"));
    assertThat(asked("--choices", file("red\n\ndark blue\r\n").toString()))
        .isEqualTo(Constraint.choice("red", "dark blue"));
    assertThat(asked("--json-schema", file("{\"type\": \"null\"}").toString()))
        .isEqualTo(Constraint.jsonSchema("{\"type\": \"null\"}"));
    assertThat(asked("--json-object")).isEqualTo(Constraint.json());
    assertThat(asked("--json-object", "--n", "2")).isEqualTo(Constraint.json());
  }

  @Test
  void withoutOneTextsAreFree() {
    assertThat(run().status()).isZero();
    assertThat(engine.tuner.options.constraint()).isEmpty();
  }

  @Test
  void linesOfAFileHaveTheForm() throws IOException {
    Path in = file("{\"prompt\": \"p\"}\n");
    Path out = folder.resolve("out.jsonl");
    List<GenerationOptions> asked = new ArrayList<>();
    engine.tuner.atAsync =
        (prompt, options) -> {
          asked.add(options);
          return CompletableFuture.failedFuture(new IllegalArgumentException("enough"));
        };
    CliRun.of(
        engine,
        "generate",
        "--base",
        "a",
        "--input",
        in.toString(),
        "--output",
        out.toString(),
        "--regex",
        "a");

    assertThat(asked).hasSize(1);
    assertThat(asked.get(0).constraint()).contains(Constraint.regex("a"));
  }

  /** A template that opens thoughts: a form binds what follows them, as everywhere. */
  @Test
  void inAConversationAFormStandsBehindThoughts() throws IOException {
    engine.tuner.tokenizer = new Thinking();
    Constraint behind =
        Constraint.until("</think>")
            .then(Constraint.regex("[ \\n]{0,2}"))
            .then(Constraint.regex("a+"));
    Path messages = file("[{\"role\": \"user\", \"content\": \"q\"}]");

    assertThat(asked("--chat", "--regex", "a+")).isEqualTo(behind);
    assertThat(engine.tuner.options.writtenSpecialTokens())
        .containsExactlyInAnyOrder("<think>", "</think>");
    assertThat(asked("--regex", "a+")).isEqualTo(Constraint.regex("a+"));
    assertThat(engine.tuner.options.writtenSpecialTokens()).isEmpty();
    CliRun conversation =
        CliRun.of(
            engine, "generate", "--base", "a", "--regex", "a+", "--messages", messages.toString());
    assertThat(conversation.status()).as(conversation.err()).isZero();
    assertThat(engine.tuner.options.constraint()).contains(behind);
    assertThat(asked("--chat", "--chat-variable", "closed=true", "--regex", "a+"))
        .isEqualTo(Constraint.regex("a+"));
  }

  @Test
  void inAFileEachLineHasItBehindItsThoughts() throws IOException {
    engine.tuner.tokenizer = new Thinking();
    Path in =
        file("{\"prompt\": \"p\"}\n{\"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}\n");
    List<GenerationOptions> asked = new ArrayList<>();
    engine.tuner.atAsync =
        (prompt, options) -> {
          asked.add(options);
          return CompletableFuture.failedFuture(new IllegalArgumentException("enough"));
        };
    CliRun.of(
        engine,
        "generate",
        "--base",
        "a",
        "--json-object",
        "--input",
        in.toString(),
        "--output",
        folder.resolve("out.jsonl").toString());

    assertThat(asked.stream().map(it -> it.constraint().orElseThrow()))
        .containsExactlyInAnyOrder(
            Constraint.json(),
            Constraint.until("</think>")
                .then(Constraint.regex("[ \\n]{0,2}"))
                .then(Constraint.json()));
  }

  /** Its template opens thoughts, and closes them where it is told to. */
  private static final class Thinking extends FakeTuner.Spelling {
    @Override
    public boolean hasChatTemplate() {
      return true;
    }

    @Override
    public String renderChat(
        List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
      return "<think>" + (variables.containsKey("closed") ? "</think>" : "");
    }
  }

  @Test
  void twoFormsOrNoneToChooseAreRefused() throws IOException {
    assertThat(run("--regex", "a", "--json-object").err()).contains("exclude each other");
    assertThat(run("--choices", file("\n").toString()).err()).contains("has no text to choose");
    assertThat(run("--json-schema", folder.resolve("none").toString()).err())
        .contains("--json-schema");
  }

  /** The text itself, of a model that could write anything. */
  @Test
  void aRandomModelWritesWhatItIsAskedFor() throws IOException {
    Path model = ByteCheckpoint.write(folder.resolve("bytes"), 2);
    String schema = "{\"properties\": {\"a\": {\"enum\": [1, 2]}}, \"required\": [\"a\"]}";
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            "generate",
            "--base",
            model.toString(),
            "--prompt",
            "p",
            "--json-schema",
            file(schema).toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).matches("\\{\\s*\"a\":\\s?\\s*[12]\\s*}\\R");
    CliRun refused =
        CliRun.of(
            new TorchEngine(),
            "generate",
            "--base",
            model.toString(),
            "--prompt",
            "p",
            "--regex",
            "(?=a)");
    assertThat(refused.status()).isNotZero();
    assertThat(refused.err()).contains("the regular expression '(?=a)' has a group that begins");
  }
}
