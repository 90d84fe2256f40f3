package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.ChatJson;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.examples.chat.ChatLoop;
import io.proxytune.examples.chat.Tuners;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.model.FunctionLogitSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversation with a model that thinks, whose template leaves earlier thoughts out. */
class ChatThoughtsTest {
  private static final String OPENED = "assistant: <think>";
  private static final int END = 2;

  @TempDir private Path folder;

  private final List<String> read = new ArrayList<>();

  private String chat(String typed, boolean interactive, boolean shows) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, false, UTF_8);
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(typed.getBytes(UTF_8)), printed, printed, interactive);
    Tuners tuners =
        new Tuners() {
          private final CheckpointTokenizer tokenizer = tokenizer();

          @Override
          public List<Double> alphas() {
            return List.of();
          }

          @Override
          public ProxyTuner steered(List<Double> alphas) {
            FunctionLogitSource source =
                FunctionLogitSource.of("thinks", 300, 900, ids -> next(tokenizer, ids));
            return ProxyTuner.builder()
                .base(source.withTokenizer(tokenizer).withEndOfTextIds(Set.of(END)))
                .build();
          }

          @Override
          public ProxyTuner base() {
            return steered(List.of());
          }
        };
    try (ChatLoop loop =
        new ChatLoop(
            terminal,
            tuners,
            GenerationOptions.defaults().withMaxNewTokens(60),
            Optional.empty(),
            UnaryOperator.<Prompt>identity(),
            shows)) {
      loop.run();
    }
    return out.toString(UTF_8);
  }

  private CheckpointTokenizer tokenizer() throws IOException {
    Path template = ByteCheckpoint.write(folder, 1).resolve("chat_template.jinja");
    Files.writeString(
        template, Files.readString(template).replace("assistant: {% endif", OPENED + "{% endif"));
    return CheckpointTokenizer.open(folder);
  }

  private float[] next(CheckpointTokenizer tokenizer, List<Integer> ids) {
    String text = tokenizer.decode(ids.stream().mapToInt(id -> id).toArray(), false);
    int from = text.lastIndexOf(OPENED) + OPENED.length();
    if (from == text.length()) {
      read.add(text);
    }
    String script = "\nOne?\nTwo.\n</think>\n\nTwo.";
    int at = text.length() - from;
    float[] row = new float[300];
    row[at < script.length() ? tokenizer.encode(script.substring(at, at + 1), false)[0] : END] = 9;
    return row;
  }

  @Test
  void thoughtsAreMarkedAndNotSentBack() throws IOException {
    Path file = folder.resolve("chat.json");
    String shown = chat("hi\nand?\n/save " + file + "\n", false, true);

    assertThat(shown).isEqualTo("[thinks] One?\nTwo.\nTwo.\n".repeat(2));
    assertThat(read)
        .containsExactly("user: hi" + OPENED, "user: hiassistant: Two.user: and?" + OPENED);
    assertThat(ChatJson.read(Files.readString(file)))
        .contains(ChatMessage.assistant("Two.").withReasoning("One?\nTwo."));
  }

  @Test
  void thoughtsCanBeHidden() throws IOException {
    assertThat(chat("hi\n/thoughts\nhi\n", false, false))
        .isEqualTo("Two.\nproxytune: thoughts are shown\n[thinks] One?\nTwo.\nTwo.\n");
  }

  /** Whether this terminal dims depends on the environment of the test. */
  @Test
  void aTerminalDimsThem() throws IOException {
    assertThat(chat("hi\n", true, true))
        .containsPattern("(?:\u001B\\[2m)?\\[thinks] One\\?\nTwo\\.(?:\u001B\\[0m)?\nTwo\\.\n");
  }
}
