package io.proxytune.examples.demo;

/** How a word that steering changed is marked. */
enum Style {
  /** Bold and underlined, for a terminal that can. */
  ESCAPES("\033[1;4m", "\033[0m"),
  /** In brackets, where nothing but text is left. */
  BRACKETS("[", "]");

  private final String begin;
  private final String end;

  Style(String begin, String end) {
    this.begin = begin;
    this.end = end;
  }

  String mark(String word) {
    return begin + word + end;
  }

  /** How many columns a marked word takes. */
  int width(int characters) {
    return characters + (this == BRACKETS ? begin.length() + end.length() : 0);
  }

  String name(String text) {
    return this == ESCAPES ? "\033[1m" + text + "\033[0m" : text;
  }
}
