package io.proxytune.examples.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisabledOnOs(OS.WINDOWS) // whose shell is another
class ScoringCommandTest {
  private static final String EACH = "while read line; do %s; done";

  @TempDir private Path folder;

  private ScoringCommand command(String script) throws Exception {
    Path file = Files.writeString(folder.resolve("score.sh"), script);
    return new ScoringCommand(List.of("sh", file.toString()), Duration.ofSeconds(5));
  }

  private static ObjectNode answer(String text) {
    return JsonNodeFactory.instance.objectNode().put("answer", text);
  }

  @Test
  void aProgramIsAskedLineByLine() throws Exception {
    String grade =
        "case $line in *yes*) echo '{\"score\": 0.25}';; *) echo '{\"right\": false}';; esac";
    try (ScoringCommand command = command(EACH.formatted(grade))) {
      assertThat(command.score(answer("yes\n!"))).isEqualTo(0.25);
      assertThat(command.score(answer("no"))).isZero();
    }
  }

  @Test
  void aProgramThatEndsAfterAnAnswerIsStartedAgain() throws Exception {
    try (ScoringCommand command = command("read line; echo '{\"right\": true}'")) {
      assertThat(command.score(answer("a"))).isEqualTo(1);
      Thread.sleep(100); // so that it has ended
      assertThat(command.score(answer("b"))).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "echo 7 | expected {\"score\": from 0 to 1} or {\"right\": true or false}, got 7",
        "echo '{\"score\": 1.5}' | got {\"score\": 1.5}",
        "echo '{' | it answered what is no JSON",
        "exit 3 | it ended without an answer",
      })
  void whatItMayNotAnswerIsRefused(String script, String message) throws Exception {
    try (ScoringCommand command = command("read line; " + script)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> command.score(answer("a")))
          .withMessageContaining("--check-command sh ")
          .withMessageContaining(message);
    }
  }

  @Test
  void aProgramThatIsSlowOrMissingIsLeft() throws Exception {
    Path file = Files.writeString(folder.resolve("slow.sh"), "read line; sleep 60 & wait");
    try (ScoringCommand slow =
        new ScoringCommand(List.of("sh", file.toString()), Duration.ofMillis(150))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> slow.score(answer("a")))
          .withMessageContaining("it gave no line within 0.15 seconds");
    }
    try (ScoringCommand none =
        new ScoringCommand(List.of("no-such-program"), Duration.ofSeconds(1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> none.score(answer("a")))
          .withMessageContaining("it can't be started: ");
    }
  }
}
