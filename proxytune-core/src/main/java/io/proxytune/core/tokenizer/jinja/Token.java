package io.proxytune.core.tokenizer.jinja;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text the text of data, name or number, the value of a string, or the operator
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    DATA,
    OUTPUT_BEGIN,
    OUTPUT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  /** How messages call it. */
  String described() {
    return switch (kind) {
      case OUTPUT_END -> "end of print statement";
      case BLOCK_END -> "end of statement block";
      case END -> "end of template";
      default -> text;
    };
  }
}
