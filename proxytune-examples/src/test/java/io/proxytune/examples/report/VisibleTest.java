package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisibleTest {
  @Test
  void controlCharactersHaveSigns() {
    assertThat(Visible.of("a\0b\u001bc\u007f")).isEqualTo("a\u2400b\u241bc\u2421");
    assertThat(Visible.of("a\n\tb\r")).isEqualTo("a\u21b5\n\u21e5\tb\u240d");
  }

  @Test
  void whatTurnsTheTextOrIsHalfACharacterHasItsNumber() {
    assertThat(Visible.of("\u202e\u200b\ufeff\u0085"))
        .isEqualTo("\u27e8U+202E\u27e9\u27e8U+200B\u27e9\u27e8U+FEFF\u27e9\u27e8U+0085\u27e9");
    assertThat(Visible.of("\ud83dx\ude00")).isEqualTo("\u27e8U+D83D\u27e9x\u27e8U+DE00\u27e9");
    assertThat(Visible.of("\uffff\ufdd0")).isEqualTo("\u27e8U+FFFF\u27e9\u27e8U+FDD0\u27e9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "gr\u00fc\u00dfe <b>&\"'", "\ud83d\udc69\u200d\ud83d\udcbb \ufffd \u4f60"})
  void allElseStays(String text) {
    assertThat(Visible.of(text)).isEqualTo(text);
  }
}
