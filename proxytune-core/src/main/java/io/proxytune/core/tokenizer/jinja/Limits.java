package io.proxytune.core.tokenizer.jinja;

/** Bounds on what an untrusted template uses. */
final class Limits {
  /** The longest text, in chars: some hundred times a long conversation. */
  static final int MAX_TEXT = 1 << 24;

  /** The longest list. */
  static final int MAX_ITEMS = 1 << 20;

  /** The most statements and loop rounds of one rendering. */
  private static final int MAX_STEPS = 1 << 21;

  /** The most numbers of a range, as in Jinja2's sandbox. */
  static final int MAX_RANGE = 100_000;

  private int steps;

  void step() {
    if (++steps > MAX_STEPS) {
      throw new TemplateException("the template runs more than " + MAX_STEPS + " steps");
    }
  }

  static void checkText(long length) {
    if (length > MAX_TEXT) {
      throw new TemplateException("the template makes a text of more than " + MAX_TEXT + " chars");
    }
  }

  static void checkItems(long count) {
    if (count > MAX_ITEMS) {
      throw new TemplateException("the template makes a list of more than " + MAX_ITEMS + " items");
    }
  }
}
