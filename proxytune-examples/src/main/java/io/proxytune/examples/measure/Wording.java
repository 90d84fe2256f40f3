package io.proxytune.examples.measure;

import java.text.Normalizer;
import java.util.Locale;

/** Brings texts into a form in which what says the same is the same. */
final class Wording {
  private static final String EDGE = "[\\p{Punct}\\p{IsPunctuation}\\s]+";

  private Wording() {}

  /**
   * Compatible characters (NFKC) in lower case, with single spaces, and without punctuation at the
   * ends.
   */
  static String plain(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("\\s+", " ")
        .replaceFirst("^" + EDGE, "")
        .replaceFirst(EDGE + "$", "");
  }

  /** The same with a space for all punctuation, and one at each end, so that words can be found. */
  static String words(String text) {
    return " " + plain(text).replaceAll(EDGE, " ") + " ";
  }
}
