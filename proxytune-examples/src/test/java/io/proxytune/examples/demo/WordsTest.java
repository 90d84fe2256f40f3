package io.proxytune.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
  private static final List<Piece> PIECES =
      List.of(
          new Piece("Ann", false),
          new Piece(" lives", true),
          new Piece(" in", false),
          new Piece(" town", false),
          new Piece(".", true));

  private static List<String> wrapped(Style style, int width) {
    return Words.wrap(PIECES, style, width).stream().map(Words.Line::text).toList();
  }

  @Test
  void bracketsCountAsColumns() {
    assertThat(wrapped(Style.BRACKETS, 40)).containsExactly("Ann [lives] in town[.]");
    assertThat(wrapped(Style.BRACKETS, 11)).containsExactly("Ann [lives]", "in town[.]");
    assertThat(wrapped(Style.BRACKETS, 10)).containsExactly("Ann", "[lives] in", "town[.]");
  }

  @Test
  void escapesDoNot() {
    assertThat(wrapped(Style.ESCAPES, 9))
        .containsExactly("Ann \033[1;4mlives\033[0m", "in town\033[1;4m.\033[0m");
    assertThat(Words.wrap(PIECES, Style.ESCAPES, 9))
        .extracting(Words.Line::width)
        .containsExactly(9, 8);
  }

  @Test
  void aLineIsPaddedByWhatItShows() {
    Words.Line line = Words.wrap(List.of(new Piece("x", true)), Style.ESCAPES, 9).get(0);
    assertThat(line.padded(3)).isEqualTo("\033[1;4mx\033[0m  ");
  }
}
