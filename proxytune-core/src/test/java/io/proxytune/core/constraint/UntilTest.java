package io.proxytune.core.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Constraint;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UntilTest {
  /** Random texts of few characters, most of which stand in the mark: told by searching. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "aab", "abab", "aaaa", "ababac", "</a>", "äba", "a😀a😀b"})
  void aTextEndsWithTheFirstMark(String mark) {
    Automaton automaton = Automata.of(Constraint.until(mark));
    int[] letters = (mark + "abxä€😀<").codePoints().toArray();
    Random random = new Random(mark.length());
    int taken = 0;
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        text.appendCodePoint(letters[random.nextInt(letters.length)]);
      }
      if (random.nextBoolean()) {
        text.append(mark);
      }
      int end = text.indexOf(mark) + mark.length();
      boolean first = text.indexOf(mark) >= 0 && end == text.length();
      taken += first ? 1 : 0;
      assertThat(Automata.accepts(automaton, text.toString())).as(text.toString()).isEqualTo(first);
    }
    assertThat(taken).isPositive();
  }

  @Test
  void whatFollowsBeginsBehindTheMark() {
    Automaton automaton = Automata.of(Constraint.until("</t>").then(Constraint.choice("1", "2")));

    assertThat(Automata.accepts(automaton, "hm </ größer </t>1")).isTrue();
    assertThat(Automata.accepts(automaton, "</t>2")).isTrue();
    assertThat(Automata.accepts(automaton, "hm</t>more</t>1")).isFalse();
    assertThat(Automata.accepts(automaton, "1")).isFalse();
  }

  @Test
  void bytesThatAreNoCharacterAreNotTaken() {
    Automaton automaton = Automata.of(Constraint.until("a"));
    Automaton.State begun = automaton.next(automaton.start(), (byte) 0xC3);

    assertThat(automaton.isDead(automaton.next(automaton.start(), (byte) 0xFF))).isTrue();
    assertThat(automaton.isDead(automaton.next(begun, (byte) 'a'))).isTrue();
    assertThat(automaton.isDead(automaton.next(begun, (byte) 0xA4))).isFalse();
  }
}
