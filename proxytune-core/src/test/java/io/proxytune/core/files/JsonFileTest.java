package io.proxytune.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFileTest {
  /** Words of the parser, which mean nothing to those who wrote the file. */
  private static final String PARSERS_WORDS =
      "(?si).*(Feature|REDACTED|fasterxml|jackson|\\bToken|Source:|StreamRead|CTRL-CHAR|marker).*";

  @TempDir Path folder;

  private ObjectNode read(String json) {
    try {
      return JsonFile.readConfig(Files.writeString(folder.resolve("config.json"), json));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertRefused(String json, String words) {
    assertThatExceptionOfType(CheckpointException.class)
        .as(JsonText.cut(json))
        .isThrownBy(() -> read(json))
        .withMessageContaining(folder.resolve("config.json").toString())
        .withMessageContaining(words)
        .satisfies(e -> assertThat(e.getMessage()).doesNotMatch(PARSERS_WORDS));
  }

  @Test
  void readsWhatPythonWrites() {
    ObjectNode json =
        read("{\"a\": NaN, \"b\": Infinity, \"c\": -Infinity, \"d\": 1e999, \"e\": \"\\ud800\"}");

    assertThat(json.get("a").doubleValue()).isNaN();
    assertThat(json.get("b").doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(json.get("c").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(json.get("d").doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(json.get("e").textValue()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                 | must hold a JSON object, got nothing
          [1]                | must hold a JSON object, got [1]
          null               | must hold a JSON object, got null
          {"a": }            | line 1, column 7: JSON can't have "}" after "{\\"a\\": "
          {"a": 1,}          | no comma may come before a closing bracket
          {"a": [1, ]}       | no comma may come before a closing bracket
          {"a": 1 "b": 2}    | line 1, column 9: JSON can't have "\\"b\\": 2}" after
          {"a": 01}          | line 1, column 8
          {"a": .5}          | JSON can't have ".5}"
          {"a": +1}          | JSON can't have
          {"a": 1.}          | JSON can't have
          {"a": True}        | written true, false and null
          {"a": None}        | written true, false and null
          {"a": nil}         | JSON can't have "nil}" after "{\\"a\\": "
          {"a": "\\x"}       | JSON can't have "x\\"}"
          {"a": 1            | it was cut short
          {"a": "b           | it was cut short
          {"a                | it was cut short
          {                  | it was cut short
          {"a": 1} x         | JSON can't have "x"
          {"a": 1} {}        | line 1, column 10: expected nothing after the JSON object or value, got "{}"
          {"a": 1}}          | JSON can't have "}"
          // a               | it has no comments
          {"a": 1} # b       | it has no comments
          <html>             | it looks like a web page
          {"a": 1, "a": 2}   | line 1, column 13: the key "a" occurs again
          {"a":{"b":1,"b":2}}| the key "b" occurs again
          """)
  void saysWhatIsWrongAndWhere(String json, String words) {
    assertRefused(json, words);
  }

  @Test
  void saysWhatCannotBeWrittenInATable() {
    assertRefused("{'a': 1}", "in double quotes");
    assertRefused("{\"a\": 'b'}", "in double quotes");
    assertRefused("{\n \"a\": \"x\ny\"}", "line 2, column 9");
    assertRefused("{\n \"a\": \"x\ny\"}", "control characters in a text are escaped");
    assertRefused("\u0000\u0001", "\\u0000");
    assertRefused("{\n\n\n", "line 4, column 1");
  }

  @Test
  void boundsNestingNumbersAndValues() {
    assertRefused("{\"a\":" + "[".repeat(100_000), "nested more than 500 deep");
    assertRefused("{\"a\":".repeat(100_000), "nested more than 500 deep");
    assertRefused("{\"a\": 1" + "0".repeat(5000) + "}", "a number of more than 1000 digits");
    assertRefused("{\"a\": 0." + "1".repeat(5000) + "}", "a number of more than 1000 digits");
    assertRefused("{\"a\": 1e" + "1".repeat(5000) + "}", "a number of more than 1000 digits");
    assertThat(read("{\"a\": " + "[".repeat(400) + "]".repeat(400) + "}")).isNotEmpty();
    assertThat(read("{\"a\": 1" + "0".repeat(900) + "}").get("a").isIntegralNumber()).isTrue();
  }

  @Test
  void boundsTheNumberOfValues() throws InvalidJsonException {
    assertThat(JsonText.parse("[0, 1, 2]", 5)).hasSize(3); // brackets count
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonText.parse("[0, 1, 2, 3]", 5))
        .withMessage("line 1, column 13: it holds too many values for a file of its kind");
  }

  @Test
  void boundsTheSize() {
    String blanks = " ".repeat(JsonFile.MAX_CONFIG_BYTES - 2);
    assertThat(read(blanks + "{}")).isEmpty();
    assertRefused(blanks + " {}", "at most 8000000 bytes, got 8000001");
  }

  @Test
  void membersComeInTheirOrder() throws InvalidJsonException {
    List<String> members = new ArrayList<>();
    JsonText.parseMembers("{\"b\": [1], \"a\": {}}", (name, value) -> members.add(name + value));
    assertThat(members).containsExactly("b[1]", "a{}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''              | expected a JSON object
          [1]             | expected a JSON object
          {"a": 1} {}     | expected nothing
          {"a": 1         | cut short
          {"a"            | cut short
          {"a": 1, "a": 2}| occurs again
          """)
  void membersOfAnythingElseAreRefused(String json, String words) {
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonText.parseMembers(json, (name, value) -> {}))
        .withMessageContaining(words);
  }

  /** Whatever is wrong with a text, the parser's own words never reach the user. */
  @Test
  void damagedTextsAreRefusedInOurWords() {
    String valid = "{\"a\": [1.5e3, -2, NaN, true, null], \"b\": {\"c\": \"x\\u00e9\\n\"}}\n";
    String alphabet = "{}[]\",:'\\/-+.eE019tfnNIux \n\u0000é#<";
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
      StringBuilder text = new StringBuilder(valid);
      for (int i = random.nextInt(3); i >= 0; i--) {
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        text.setCharAt(random.nextInt(text.length()), c);
      }
      try {
        JsonText.parse(
            random.nextInt(5) == 0 ? text.substring(random.nextInt(40)) : text.toString());
      } catch (InvalidJsonException e) {
        assertThat(e.getMessage()).startsWith("line ").doesNotMatch(PARSERS_WORDS);
        refused++;
      }
    }
    assertThat(refused).isBetween(1000, 2999);
  }
}
