package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DisplayTest {
  private static Display of(boolean interactive, String... environment) {
    return switch (environment.length) {
      case 0 -> Display.of(Map.of(), interactive);
      case 2 -> Display.of(Map.of(environment[0], environment[1], "COLUMNS", "60"), interactive);
      default ->
          Display.of(
              Map.of(
                  environment[0], environment[1], environment[2], environment[3], "COLUMNS", "60"),
              interactive);
    };
  }

  @Test
  void aTerminalIsStyled() {
    assertThat(of(true, "TERM", "xterm")).isEqualTo(new Display(60, true));
  }

  @Test
  void aDumbOneIsNot() {
    assertThat(of(true, "TERM", "dumb").styled()).isFalse();
    assertThat(of(true, "LANG", "C").styled()).isFalse();
  }

  @Test
  void noColorIsHeard() {
    assertThat(of(true, "TERM", "xterm", "NO_COLOR", "1").styled()).isFalse();
    assertThat(of(true, "TERM", "xterm", "NO_COLOR", "").styled()).isTrue();
  }

  @Test
  void aPipeIsPlainAndOfUsualWidth() {
    assertThat(of(false)).isEqualTo(new Display(80, false));
    assertThat(of(false, "TERM", "xterm")).isEqualTo(new Display(60, false));
  }

  @Test
  void nonsenseIsIgnoredAndTinyWidthsAreNotTaken() {
    assertThat(Display.of(Map.of("COLUMNS", "many"), false).width()).isEqualTo(80);
    assertThat(Display.of(Map.of("COLUMNS", "3"), false).width()).isEqualTo(Display.NARROWEST);
  }
}
