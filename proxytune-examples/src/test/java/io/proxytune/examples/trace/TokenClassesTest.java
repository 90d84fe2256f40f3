package io.proxytune.examples.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenClassesTest {
  private static List<TracedToken> tokens(String... texts) {
    List<TracedToken> tokens = new ArrayList<>();
    for (String text : texts) {
      tokens.add(new TracedToken(tokens.size(), 0, text, text, false, 0, 0, 0, 0, ""));
    }
    return tokens;
  }

  private static List<String> of(TokenClasses classes, String name, String... texts) {
    return classes.of(name, tokens(texts)).stream().map(TracedToken::text).toList();
  }

  /** The paper's section 6.1. */
  @Test
  void leftAndRightOfAnEqualsSign() {
    TokenClasses classes =
        TokenClasses.parse(
            "x", "{\"left\": [\"[^=\\\\n]+(?==)\"], \"right\": [\"(?<==)[^=\\\\n]+\"]}");
    String[] text = {"So", ":", "\n", "16", " -", " 3", " =", " 13", "\n", "Thus"};
    assertThat(classes.names()).containsExactly("left", "right");
    assertThat(of(classes, "left", text)).containsExactly("16", " -", " 3");
    assertThat(of(classes, "right", text)).containsExactly(" 13");
  }

  @Test
  void aTokenCountsOnceAndBlanksAloneDoNot() {
    TokenClasses classes = TokenClasses.parse("x", "{\"c\": [\"b \", \"b\", \"^d$\"]}");
    assertThat(of(classes, "c", "ab", " c", "", "\nd")).containsExactly("ab", "\nd");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[]; must be an object",
        "{}; must be an object",
        "{\"a\": \"b\"}; \"a\" must be a list",
        "{\"a\": []}; \"a\" must be a list",
        "{\"a\": [1]}; \"a\" must hold texts, got 1",
        "{\"a\": [\"(\"]}; \"a\": Unclosed group",
        "{; is no JSON"
      })
  void anythingElseIsRefused(String json, String why) {
    assertThatThrownBy(() -> TokenClasses.parse("--classes f", json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--classes f")
        .hasMessageContaining(why);
  }
}
