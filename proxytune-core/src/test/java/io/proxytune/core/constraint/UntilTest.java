package io.proxytune.core.constraint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Strings;
import com.google.common.primitives.Bytes;
import io.proxytune.Constraint;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** As a vocabulary may have it beside the letters that spell it. */
  @ParameterizedTest
  @CsvSource({
    "hm, , 1, true",
    "'', , 1, true",
    "hm [/THI, , 1, true",
    "hm [/THINK], , 1, false",
    "hm [/THINK]1, , , false",
    "hm, more, 1, false"
  })
  void aSpecialTokenIsTheMarkToo(String before, String behind, String answer, boolean accepted) {
    Automaton automaton =
        Automata.of(
            Constraint.until("[/THINK]").then(Constraint.choice("1", "2")),
            name -> Optional.of(35).filter(id -> name.equals("[/THINK]")));

    assertThat(
            Automata.accepts(
                automaton,
                Bytes.concat(
                    before.getBytes(UTF_8),
                    SpecialTokenBytes.of(35),
                    Strings.nullToEmpty(behind).getBytes(UTF_8),
                    Strings.nullToEmpty(answer).getBytes(UTF_8))))
        .isEqualTo(accepted);
    assertThat(Automata.accepts(automaton, "hm [/THINK]1")).isTrue();
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
