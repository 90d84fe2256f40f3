package io.proxytune.core.tokenizer.jinja;

/** The text that a template writes. */
final class Output {
  private final StringBuilder text = new StringBuilder();

  void append(String part) {
    Limits.checkText((long) text.length() + part.length());
    text.append(part);
  }

  String text() {
    return text.toString();
  }
}
