package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;

/** What normalizers, pre-tokenizers, processors and decoders share: they nest, and some replace. */
final class Parts {
  /** Far above what real tokenizers have. */
  private static final int MOST_PARTS = 64;

  private static final int MOST_NESTING = 8;
  static final int LONGEST_TEXT = 256;
  static final String SHORT_TEXT = "at most " + LONGEST_TEXT + " characters";
  static final double MOST_GROWTH = 64;

  private int count;
  private int depth;

  /**
   * What replaces what.
   *
   * @param content what is put in place
   * @param pattern what is replaced
   * @param keepsLength whether never fewer characters come out than went in
   */
  record Replacement(String content, SafePattern pattern, boolean keepsLength) {}

  /**
   * Begins a part.
   *
   * @param field where it stands
   * @return its type
   */
  String enter(Field field) {
    field.object();
    field.check(++count <= MOST_PARTS, "one of at most " + MOST_PARTS + " parts");
    field.check(++depth <= MOST_NESTING, "nested at most " + MOST_NESTING + " deep");
    return field.get("type").text();
  }

  void leave() {
    depth--;
  }

  /** The exception for a type that isn't known. */
  CheckpointException unknown(Field field, String what) {
    return field.get("type").refusal("the name of " + what + " that this library checks");
  }

  /**
   * Checks a part with a pattern and what replaces it, and writes it.
   *
   * @param field where it stands
   * @param out where to write
   * @return what replaces what
   */
  static Replacement replacement(Field field, ObjectNode out) {
    String content = field.get("content").text();
    field.get("content").check(content.length() <= LONGEST_TEXT, SHORT_TEXT);
    out.put("content", content);
    SafePattern regex = pattern(field, out);
    int characters = content.codePointCount(0, content.length());
    String literal = field.get("pattern").get("String").node().asText("");
    boolean isLiteral = !literal.isEmpty();
    boolean keeps = isLiteral && characters >= literal.codePointCount(0, literal.length());
    return new Replacement(content, regex, keeps);
  }

  /**
   * Checks a pattern, a literal text or a regular expression, and writes it.
   *
   * @param field the part that has it
   * @param out where to write
   * @return its worst case
   */
  static SafePattern pattern(Field field, ObjectNode out) {
    Field pattern = field.get("pattern").object();
    pattern.check(pattern.members().size() == 1, "an object with String or Regex alone");
    Field literal = pattern.get("String");
    ObjectNode written = out.putObject("pattern");
    if (literal.node().isMissingNode()) {
      SafePattern regex = SafePattern.of(pattern.get("Regex"));
      written.put("Regex", pattern.get("Regex").text());
      return regex;
    }
    String text = literal.text();
    literal.check(text.length() <= LONGEST_TEXT, SHORT_TEXT);
    written.put("String", text);
    return SafePattern.literal(text);
  }
}
