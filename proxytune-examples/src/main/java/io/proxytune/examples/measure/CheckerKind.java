package io.proxytune.examples.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How an answer is compared with what is expected. */
public enum CheckerKind {
  /** It says the same, whatever case, spaces and punctuation at the ends. */
  EXACT,
  /** What is expected occurs in it, as whole words. */
  CONTAINS,
  /** A regular expression finds something in it. */
  REGEX,
  /** Its last number is the expected one. */
  NUMBER,
  /** A program of the user's own says so. */
  COMMAND;

  /** As it is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind of a word. */
  public static Optional<CheckerKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }

  /** All words. */
  public static List<String> words() {
    return Arrays.stream(values()).map(CheckerKind::word).toList();
  }
}
