package io.proxytune.core.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Constraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaReaderTest {
  private static Automaton automaton(String schema) {
    return Automata.of(Constraint.jsonSchema(schema));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"object\"}|{}",
        "{\"type\":\"object\"}|{\"a\": [1, -2.5e10, {\"b\": null}], \"c\": \"\\u00e9\\n😀\"}",
        "true|[[[[]]]]",
        "{}|\"x\"",
        "{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":true},\"required\":[\"b\"]}|{\"b\":3}",
        "{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":true}}|{ \"a\": 0, \"b\": [] }",
        "{\"properties\":{},\"additionalProperties\":{\"type\":\"null\"}}|{\"x\":null,\"y\":null}",
        "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":2}|[true, false,true]",
        "{\"prefixItems\":[{\"const\":1},{\"const\":2}]}|[1]",
        "{\"type\":\"string\",\"maxLength\":2}|\"\\u00e9😀\"",
        "{\"type\":\"string\",\"pattern\":\"^\\\\d+$\"}|\"123\"",
        "{\"type\":\"string\",\"pattern\":\"b\"}|\"a\\\"b\\n\"",
        "{\"type\":\"number\",\"minimum\":-1.5,\"exclusiveMaximum\":2}|-1.25",
        "{\"type\":\"number\",\"minimum\":-1.5,\"exclusiveMaximum\":2}|1.999999",
        "{\"type\":\"integer\",\"minimum\":95,\"maximum\":1003}|100",
        "{\"enum\":[1,\"a\\\"b\",null,{\"k\":[1.5]}]}|{\"k\":[1.5]}",
        "{\"type\":[\"integer\",\"null\"]}|null",
        "{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"integer\"}]}|7",
        "{\"allOf\":[{\"type\":\"integer\"},{\"minimum\":3}]}|4",
        "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"enum\":[5]}}}|5"
      })
  void takes(String schema, String text) {
    assertThat(Automata.accepts(automaton(schema), text)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"object\"}|[]",
        "{\"type\":\"object\"}|{\"a\":1,}",
        "{\"type\":\"object\"}|{\"a\":01}",
        "{\"type\":\"string\"}|\"\\ud800\"",
        "{\"type\":\"string\",\"maxLength\":2}|\"abc\"",
        "{\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}|{}",
        "{\"properties\":{\"a\":{\"type\":\"integer\"}}}|{\"b\":1}",
        "{\"properties\":{\"ab\":false},\"additionalProperties\":true}|{\"ab\":1}",
        "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":2}|[true]",
        "{\"type\":\"number\",\"minimum\":-1.5,\"exclusiveMaximum\":2}|2.0",
        "{\"type\":\"number\",\"minimum\":-1.5,\"exclusiveMaximum\":2}|-1.51",
        "{\"type\":\"integer\",\"minimum\":95,\"maximum\":1003}|1004",
        "{\"type\":\"integer\",\"exclusiveMinimum\":95}|95",
        "{\"enum\":[1,\"a\"],\"type\":\"string\"}|1",
        "{\"type\":\"string\",\"format\":\"date\"}|\"2023-02-30\"",
        "{\"type\":\"string\",\"format\":\"ipv4\"}|\"256.1.1.1\""
      })
  void leavesOut(String schema, String text) {
    assertThat(Automata.accepts(automaton(schema), text)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"object\",\"patternProperties\":{}}|at #: 'patternProperties' is not supported",
        "{\"properties\":{\"a\":{\"multipleOf\":3}}}|at #/properties/a: 'multipleOf' is not",
        "{\"not\":{}}|'not' is not supported",
        "{\"if\":{}}|'if' is not supported",
        "{\"uniqueItems\":true}|'uniqueItems' is not supported",
        "{\"typ\":\"object\"}|'typ' is not supported",
        "{\"type\":\"objekt\"}|'type' must be of [array, boolean,",
        "{\"$ref\":\"https://example.org/x\"}|is not in the schema",
        "{\"$ref\":\"#/$defs/x\"}|is not in the schema",
        "{\"$ref\":\"#\"}|begins with itself",
        "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}|both of 'oneOf' 0 and 1",
        "{\"allOf\":[{\"minimum\":1},{\"minimum\":2}]}|'minimum' is said twice",
        "{\"allOf\":[{\"properties\":{\"a\":{}}},{\"additionalProperties\":false}]}|beside the"
            + " 'prop",
        "{\"type\":\"string\",\"format\":\"email\"}|'format' email is not supported, known are"
            + " date,",
        "{\"type\":\"string\",\"pattern\":\"a\",\"minLength\":1}|minLength or maxLength and pattern"
            + " of",
        "{\"type\":\"string\",\"pattern\":\"(?=a)\"}|a group that begins with (?=",
        "{\"minLength\":-1}|'minLength' must be an integer of at least 0",
        "{\"minimum\":\"1\"}|'minimum' must be a number",
        "{\"enum\":3}|'enum' must be a list, got number",
        "{\"enum\":[NaN]}|is no JSON number",
        "{\"items\":[{}]}|use 'prefixItems'",
        "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false}|contradicts"
            + " itself",
        "{\"minimum\":2,\"maximum\":1}|at #: no JSON meets it, since what it asks for contradicts",
        "{\"properties\":{\"a\":{},\"b\":{\"minimum\":2,\"maximum\":1}},\"required\":[\"b\"]}|at"
            + " #/properties/b: no JSON meets it",
        "{\"$defs\":{\"x\":{\"type\":\"null\",\"enum\":[1]}},\"items\":{\"$ref\":\"#/$defs/x\"},\"minItems\":1}|at"
            + " #/items: no JSON meets it",
        "3|a schema is an object, true or false, got number",
        "{|is no JSON",
        "{\"minLength\":300000}|states"
      })
  void refuses(String schema, String message) {
    assertThatThrownBy(() -> automaton(schema))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  /** Nested schemas take no more states than their text has places. */
  @Test
  void deepSchemasStaySmall() {
    StringBuilder schema = new StringBuilder();
    StringBuilder text = new StringBuilder();
    int depth = 60;
    for (int i = 0; i < depth; i++) {
      schema.append("{\"properties\":{\"a\":{\"items\":");
      text.append("{\"a\":[");
    }
    schema.append("{\"type\":\"null\"}").append("}}}".repeat(depth));
    text.append("null").append("]}".repeat(depth));
    Form form = SchemaReader.read(schema.toString());

    assertThat(GrammarBuilder.build(form, CodePoints.NONE).states()).hasSizeLessThan(60 * depth);
    assertThat(Automata.accepts(automaton(schema.toString()), text.toString())).isTrue();
  }

  @Test
  void everyNumberBetweenBoundsAndNoOther() {
    for (int low = -12; low <= 12; low += 3) {
      for (int high = low; high <= 25; high += 4) {
        String bounds = "\"minimum\":" + low + ",\"exclusiveMaximum\":" + (high + 1) + "}";
        Automaton automaton = automaton("{\"type\":\"integer\"," + bounds);
        for (int i = -110; i <= 110; i++) {
          assertThat(Automata.accepts(automaton, Integer.toString(i)))
              .as("%s in %s", i, bounds)
              .isEqualTo(i >= low && i <= high);
        }
      }
    }
  }
}
