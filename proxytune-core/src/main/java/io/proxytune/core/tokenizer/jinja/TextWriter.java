package io.proxytune.core.tokenizer.jinja;

/** A text that grows: all new texts of a template are written by it, and so paid for. */
final class TextWriter {
  private final Budget budget;
  private final StringBuilder text = new StringBuilder();

  TextWriter(Budget budget) {
    this.budget = budget;
  }

  Budget budget() {
    return budget;
  }

  TextWriter append(String part) {
    return append(part, 0, part.length());
  }

  TextWriter append(String source, int from, int to) {
    budget.moreText(to - from);
    text.append(source, from, to);
    return this;
  }

  TextWriter append(int codePoint) {
    budget.moreText(2);
    text.appendCodePoint(codePoint);
    return this;
  }

  /** Appends a text several times. */
  TextWriter repeat(String part, long count) {
    if (!part.isEmpty() && count > 0) {
      budget.moreText(saturated(part.length(), count));
      text.append(part.repeat((int) count));
    }
    return this;
  }

  private static long saturated(int length, long count) {
    return count > Integer.MAX_VALUE ? Long.MAX_VALUE / 4 : length * count;
  }

  TextWriter reverse() {
    text.reverse();
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
