package io.proxytune.examples.cli;

import java.util.Locale;

/** Checks of what the user typed that picocli can't do. */
public final class Usage {
  private Usage() {}

  /** Refuses bad usage with a message made as by {@link String#format}. */
  public static void check(boolean condition, String format, Object... args) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, args));
    }
  }
}
