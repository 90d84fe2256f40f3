package io.proxytune.examples.study;

import java.util.Locale;

/** What a set of questions is for. */
enum Use {
  /** To choose by. */
  DEV(15),
  /** To report, with nothing chosen on it. */
  TEST(20);

  private final int limit;

  Use(int limit) {
    this.limit = limit;
  }

  /** How many questions of each task at most. */
  int limit() {
    return limit;
  }

  /** The name of its file. */
  String set() {
    return name().toLowerCase(Locale.ROOT);
  }
}
