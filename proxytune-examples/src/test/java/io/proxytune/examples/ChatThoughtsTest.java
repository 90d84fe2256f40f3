package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.ChatJson;
import io.proxytune.examples.chat.ChatLoop;
import io.proxytune.examples.chat.Tuners;
import io.proxytune.examples.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversation with a model that thinks, whose template leaves earlier thoughts out. */
class ChatThoughtsTest {
  private static final String SAYS = "\nOne?\nTwo.\n</think>\n\nTwo.";

  @TempDir private Path folder;

  private final List<String> read = new ArrayList<>();

  private String chat(String typed, boolean interactive, boolean shows) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, false, UTF_8);
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(typed.getBytes(UTF_8)), printed, printed, interactive);
    Tuners tuners =
        new Tuners() {
          @Override
          public List<Double> alphas() {
            return List.of();
          }

          @Override
          public ProxyTuner steered(List<Double> alphas) {
            return ThinkingModel.tuner(folder, SAYS, read::add);
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

  @Test
  void thoughtsAreMarkedAndNotSentBack() throws IOException {
    Path file = folder.resolve("chat.json");
    String shown = chat("hi\nand?\n/save " + file + "\n", false, true);

    assertThat(shown).isEqualTo("[thinks] One?\nTwo.\nTwo.\n".repeat(2));
    assertThat(read)
        .containsExactly(
            "user: hi" + ThinkingModel.OPENED,
            "user: hiassistant: Two.user: and?" + ThinkingModel.OPENED);
    assertThat(ChatJson.read(Files.readString(file)))
        .contains(ChatMessage.assistant("Two.").withReasoning("One?\nTwo."));
  }

  @Test
  void thoughtsCanBeHidden() {
    assertThat(chat("hi\n/thoughts\nhi\n", false, false))
        .isEqualTo("Two.\nproxytune: thoughts are shown\n[thinks] One?\nTwo.\nTwo.\n");
  }

  /** Whether this terminal dims depends on the environment of the test. */
  @Test
  void aTerminalDimsThem() {
    assertThat(chat("hi\n", true, true))
        .containsPattern("(?:\u001B\\[2m)?\\[thinks] One\\?\nTwo\\.(?:\u001B\\[0m)?\nTwo\\.\n");
  }
}
