package io.proxytune.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerPrinterTest {
  @Test
  void terminalsThatCannotOrShallNotAreNotDimmed() {
    assertThat(AnswerPrinter.dims(Map.of("TERM", "xterm-256color"))).isTrue();
    assertThat(AnswerPrinter.dims(Map.of("TERM", "xterm", "NO_COLOR", ""))).isTrue();
    assertThat(AnswerPrinter.dims(Map.of("TERM", "xterm", "NO_COLOR", "1"))).isFalse();
    assertThat(AnswerPrinter.dims(Map.of("TERM", "dumb"))).isFalse();
    assertThat(AnswerPrinter.dims(Map.of())).isFalse();
  }
}
