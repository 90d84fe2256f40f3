package io.proxytune.examples;

import io.proxytune.examples.cli.Usage;
import java.nio.charset.Charset;

/** Checks that the arguments survived their decoding with the charset of the locale. */
final class LocaleCheck {
  private static final char REPLACEMENT = '\uFFFD';

  private LocaleCheck() {}

  /**
   * Refuses arguments that the JVM could not decode: it puts U+FFFD for each byte that the locale's
   * charset lacks, and a prompt made of those is not what the user typed.
   */
  static void checkReadable(String... args) {
    String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
    checkReadable(Charset.forName(charset), args);
  }

  static void checkReadable(Charset charset, String... args) {
    if (charset.newEncoder().canEncode(REPLACEMENT)) {
      return; // Then it may have been typed.
    }
    for (String arg : args) {
      Usage.check(
          arg.indexOf(REPLACEMENT) < 0,
          "the argument %s holds characters that the locale's charset, %s, lacks: set"
              + " LC_ALL=C.UTF-8, or pass the text with --prompt-file",
          arg,
          charset);
    }
  }
}
