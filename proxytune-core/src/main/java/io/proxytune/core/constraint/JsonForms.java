package io.proxytune.core.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.files.JsonOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What JSON texts are made of (RFC 8259). */
final class JsonForms {
  static final int MOST_INTEGER_DIGITS = 15;
  static final int MOST_FRACTION_DIGITS = 15;
  private static final int MOST_INDENT = 16;

  /** What a string has to write otherwise: quotes, backslashes and control characters. */
  private static final CodePoints ESCAPED = CodePoints.of("\"\\").or(CodePoints.between(0, 0x1F));

  private static final String SHORT_ESCAPES = "\"\\/bfnrt";
  private static final String SHORT_ESCAPED = "\"\\/\b\f\n\r\t";

  /** The characters that stand for themselves in a string. */
  static final CodePoints PLAIN = ESCAPED.complement();

  /** What may stand between values. */
  static final Form SPACE =
      new Form.Rule(
          "white space",
          () ->
              Form.optional(
                  Form.anyOf(
                      Form.text(" "),
                      Form.sequence(
                          Form.text("\n"), new Form.Repeat(Form.text(" "), 0, MOST_INDENT)))));

  static final Form COMMA = Form.sequence(Form.text(","), SPACE);

  /** A character of a string, as it is or escaped; halves of surrogate pairs are none. */
  static final Form STRING_CHARACTER =
      new Form.Rule(
          "a character of a string",
          () -> Form.anyOf(new Form.OneOf(PLAIN), Form.sequence(Form.text("\\"), escape())));

  static final Form STRING = quoted(Form.many(STRING_CHARACTER));

  private static final Form DIGIT = new Form.OneOf(CharacterClasses.DIGIT);

  static final Form INTEGER =
      Form.sequence(
          Form.optional(Form.text("-")),
          Form.anyOf(
              Form.text("0"),
              Form.sequence(
                  new Form.OneOf(CodePoints.between('1', '9')),
                  new Form.Repeat(DIGIT, 0, MOST_INTEGER_DIGITS - 1))));

  static final Form NUMBER =
      Form.sequence(
          INTEGER,
          Form.optional(
              Form.sequence(Form.text("."), new Form.Repeat(DIGIT, 1, MOST_FRACTION_DIGITS))),
          Form.optional(
              Form.sequence(
                  new Form.OneOf(CodePoints.of("eE")),
                  Form.optional(new Form.OneOf(CodePoints.of("+-"))),
                  new Form.Repeat(DIGIT, 1, 2))));

  static final Form BOOLEAN = Form.anyOf(Form.text("true"), Form.text("false"));
  static final Form NULL = Form.text("null");

  /** Any value. */
  static final Form.Rule VALUE = new Form.Rule("a JSON value", JsonForms::value);

  private JsonForms() {}

  private static Form value() {
    Form member = member(STRING, VALUE);
    return Form.anyOf(
        list("{", member, 0, Form.Repeat.UNBOUNDED, "}"),
        list("[", VALUE, 0, Form.Repeat.UNBOUNDED, "]"),
        STRING,
        NUMBER,
        BOOLEAN,
        NULL);
  }

  /** An object with any members. */
  static Form anyObject(Form values) {
    return list("{", member(STRING, values), 0, Form.Repeat.UNBOUNDED, "}");
  }

  /** Items between brackets, as many as is said. */
  static Form list(String open, Form item, int min, int max, String close) {
    return Form.sequence(Form.text(open), SPACE, items(item, min, max), SPACE, Form.text(close));
  }

  /** Items with commas between them; a rule each, since an item is written in two places. */
  static Form items(Form each, int min, int max) {
    if (max == 0) {
      return Form.EMPTY;
    }
    Form item = new Form.Rule("an item", () -> each);
    int more = max == Form.Repeat.UNBOUNDED ? max : max - 1;
    Form some =
        Form.sequence(
            item, new Form.Repeat(Form.sequence(COMMA, item), Math.max(0, min - 1), more));
    return min == 0 ? Form.optional(some) : some;
  }

  static Form member(Form name, Form value) {
    return Form.sequence(name, Form.text(":"), SPACE, value);
  }

  /** A value that is given. */
  static Form literal(JsonNode value) {
    return Form.text(JsonOutput.compact(value));
  }

  static Form quoted(Form characters) {
    return Form.sequence(Form.text("\""), characters, Form.text("\""));
  }

  private static Form escape() {
    Form hex = new Form.OneOf(CodePoints.of("0123456789abcdefABCDEF"));
    Form notSurrogate =
        Form.anyOf(
            Form.sequence(new Form.OneOf(CodePoints.of("0123456789abcefABCEF")), hex),
            Form.sequence(
                new Form.OneOf(CodePoints.of("dD")), new Form.OneOf(CodePoints.between('0', '7'))));
    return Form.anyOf(
        new Form.OneOf(CodePoints.of(SHORT_ESCAPES)),
        Form.sequence(Form.text("u"), notSurrogate, hex, hex));
  }

  /** The same texts as they stand in a string. */
  static Form escaped(Form form) {
    if (form instanceof Form.OneOf character) {
      return escaped(character.characters());
    } else if (form instanceof Form.Sequence sequence) {
      return new Form.Sequence(sequence.parts().stream().map(JsonForms::escaped).toList());
    } else if (form instanceof Form.AnyOf any) {
      return new Form.AnyOf(any.alternatives().stream().map(JsonForms::escaped).toList());
    } else if (form instanceof Form.Repeat repeat) {
      return new Form.Repeat(escaped(repeat.form()), repeat.min(), repeat.max());
    }
    Form.Rule rule = (Form.Rule) form;
    return new Form.Rule(rule.name(), () -> escaped(rule.body()));
  }

  private static Form escaped(CodePoints characters) {
    List<Form> all = new ArrayList<>();
    CodePoints plain = characters.and(PLAIN);
    if (!plain.isEmpty()) {
      all.add(new Form.OneOf(plain));
    }
    for (int c = 0; c <= '\\'; c++) {
      if (!PLAIN.contains(c) && characters.contains(c)) {
        all.add(Form.text(escape(c)));
      }
    }
    return new Form.AnyOf(all);
  }

  private static String escape(int c) {
    int index = SHORT_ESCAPED.indexOf(c);
    return index >= 0
        ? "\\" + SHORT_ESCAPES.charAt(index)
        : String.format(Locale.ROOT, "\\u%04x", c);
  }
}
