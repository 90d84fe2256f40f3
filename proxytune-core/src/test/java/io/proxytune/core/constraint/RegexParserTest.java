package io.proxytune.core.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Constraint;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regular expressions against the JDK's. */
class RegexParserTest {
  private static final String ALPHABET = "ab0_ \n-é\u2028😀\u00A0.";

  @Test
  void randomExpressionsMatchWhatTheJdksMatch() {
    Random random = new Random(1);
    int accepted = 0;
    int sampled = 0;
    for (int i = 0; i < 400; i++) {
      String regex = expression(random, 3);
      Pattern pattern = Pattern.compile(regex);
      Automaton automaton = Automata.of(Constraint.regex(regex));
      for (int j = 0; j < 12; j++) {
        String text = text(random);
        boolean expected = pattern.matcher(text).matches();
        accepted += expected ? 1 : 0;
        assertThat(Automata.accepts(automaton, text))
            .as("'%s' of '%s'", text, regex)
            .isEqualTo(expected);
        String made = Automata.sample(automaton, random, 40).orElse(null);
        if (made != null) {
          sampled++;
          assertThat(pattern.matcher(made).matches()).as("'%s' of '%s'", made, regex).isTrue();
        }
      }
    }
    assertThat(accepted).isGreaterThan(200);
    assertThat(sampled).isGreaterThan(1500);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int[] characters = ALPHABET.codePoints().toArray();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.appendCodePoint(characters[random.nextInt(characters.length)]);
    }
    return text.toString();
  }

  private static String expression(Random random, int depth) {
    if (depth == 0) {
      return atom(random);
    }
    String inner = expression(random, depth - 1);
    return switch (random.nextInt(7)) {
      case 0 -> "(?:" + inner + "|" + expression(random, depth - 1) + ")";
      case 1 -> "(" + inner + ")" + quantifier(random);
      case 2 -> inner + expression(random, depth - 1);
      case 3 -> "(?<n" + (inner.length() + 1000 * random.nextInt(1000000)) + ">" + inner + "|)";
      case 4 -> "(?:" + inner + ")" + quantifier(random) + atom(random);
      default -> inner;
    };
  }

  private static String quantifier(Random random) {
    String[] all = {"*", "+", "?", "{2}", "{1,}", "{0,3}", "*?", "{1,2}?", "{0}"};
    return all[random.nextInt(all.length)];
  }

  private static String atom(Random random) {
    String[] all = {
      "a",
      "b",
      "0",
      "\\.",
      ".",
      "\\d",
      "\\D",
      "\\w",
      "\\W",
      "\\s",
      "[ab]",
      "[^a]",
      "[a-z_]",
      "[\\w-]",
      "[^\\d\\s]",
      "é",
      "[à-ü]",
      "\\u00e9",
      "\\x61",
      "😀",
      "[^😀]",
      "\\p{L}",
      "\\P{Lu}",
      "\\n",
      "[\\]\\-.]"
    };
    return all[random.nextInt(all.length)];
  }

  @Test
  void expressionsAreFoundAnywhereUnlessTheyAreAnchored() {
    Random random = new Random(2);
    for (String regex : new String[] {"a|^b", "^a$", "b$|0", "(?:ab)+", "^"}) {
      Automaton automaton =
          new Automaton(GrammarBuilder.build(RegexParser.found(regex), CodePoints.NONE));
      Pattern pattern = Pattern.compile(regex.replace("$", "\\z"), Pattern.UNICODE_CHARACTER_CLASS);
      for (int i = 0; i < 200; i++) {
        String text = text(random);
        assertThat(Automata.accepts(automaton, text))
            .as("'%s' in '%s'", regex, text)
            .isEqualTo(pattern.matcher(text).find());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a++",
        "(?=a)",
        "(?<!a)",
        "\\bword",
        "(a)\\1",
        "(?i)a",
        "a{3,2}",
        "a{99999}",
        "[a&&b]",
        "[b-a]",
        "[[a]]",
        "(a",
        "a)",
        "*a",
        "a**",
        "(^a)",
        "(a$)",
        "a^b",
        "a$b",
        "\\p{Nope}",
        "\\q",
        "\\xzz",
        "[\\d-z]",
        "x{",
        "[a",
        "\\",
        "\\ud800",
        "{a}"
      })
  void whatIsNotSupportedIsRefused(String regex) {
    assertThatThrownBy(() -> Automata.of(Constraint.regex(regex)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the regular expression '" + regex + "' has ")
        .hasMessageContaining("near character");
  }

  @ParameterizedTest
  @CsvSource({"(?:a{9999}){999}, states", "[^\\d\\D], contradicts"})
  void whatIsTooLargeOrEmptyIsRefused(String regex, String reason) {
    assertThatThrownBy(() -> Automata.of(Constraint.regex(regex)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void repeatingNothingTakesNoTime() {
    Automaton automaton = Automata.of(Constraint.regex("(?:(?:){10000}){10000}a"));

    assertThat(Automata.accepts(automaton, "a")).isTrue();
  }

  @Test
  void everyCharacterIsSpelledAsUtf8Has() {
    Automaton any = Automata.of(Constraint.regex("[^b]"));
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x900 ? 1 : 61) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        assertThat(Automata.accepts(any, Character.toString(c))).isEqualTo(c != 'b');
      }
    }
    byte[][] wrong = {{(byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {-1}};
    for (byte[] bytes : wrong) {
      Automaton.State state = any.start();
      for (byte b : bytes) {
        state = any.next(state, b);
      }
      assertThat(any.isDead(state)).as(new String(bytes, StandardCharsets.ISO_8859_1)).isTrue();
    }
  }
}
