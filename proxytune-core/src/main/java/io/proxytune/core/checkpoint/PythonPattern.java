package io.proxytune.core.checkpoint;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Translates Python's regular expressions into Java's. For one expression. */
final class PythonPattern {
  /** Reads one character, wherever it stands in a text that is not empty, and takes none. */
  static final String READ = "(?>(?<=[\\s\\S])|(?=[\\s\\S]))";

  private static final Pattern NAMED_REFERENCE = Pattern.compile("\\(\\?P=(\\w+)\\)");

  /** Escapes that mean the same in both, and Python's own that are translated. */
  private static final String ESCAPES = "AbBdDsSwWZafnrtxu";

  private final String python;
  private final String begin;
  private final StringBuilder java = new StringBuilder();
  private int at;

  private PythonPattern(String python, String begin) {
    this.python = python;
    this.begin = begin;
  }

  /**
   * Translates an expression.
   *
   * @param begin what to begin every group and alternative with: with {@link #READ}, whatever goes
   *     on without end reads without end, which {@link ModulePattern} counts
   * @throws PatternSyntaxException if Python has no such expression, or Java lacks it
   */
  static String translate(String python, String begin) {
    return new PythonPattern(python, begin).translated();
  }

  private String translated() {
    java.append(begin);
    while (at < python.length()) {
      char c = python.charAt(at);
      switch (c) {
        case '\\' -> escape();
        case '[' -> characterClass();
        case '(' -> group();
        case '|' -> take(1).append(begin);
        default -> take(1);
      }
    }
    return java.toString();
  }

  private StringBuilder take(int count) {
    java.append(python, at, at + count);
    at += count;
    return java;
  }

  private void escape() {
    if (at + 1 == python.length()) {
      throw refusal("a backslash at its end");
    }
    char escaped = python.charAt(at + 1);
    boolean letter = escaped < 128 && Character.isLetter(escaped);
    if (letter && ESCAPES.indexOf(escaped) < 0) {
      throw refusal("\\" + escaped + ", which Python does not have or Java has otherwise");
    }
    if (escaped == 'Z') { // Java's allows a line break after it
      java.append("\\z");
      at += 2;
    } else {
      take(2);
    }
  }

  /** In Java a class may hold others, and their intersection. */
  private void characterClass() {
    take(1);
    if (at < python.length() && python.charAt(at) == '^') {
      take(1);
    }
    if (at < python.length() && python.charAt(at) == ']') {
      java.append("\\]");
      at++;
    }
    while (at < python.length() && python.charAt(at) != ']') {
      char c = python.charAt(at);
      if (c == '\\') {
        escape();
      } else {
        java.append(c == '[' || c == '&' ? "\\" : "");
        take(1);
      }
    }
    if (at == python.length()) {
      throw refusal("a character class without an end");
    }
    take(1);
  }

  private void group() {
    String rest = python.substring(at);
    var reference = NAMED_REFERENCE.matcher(rest);
    if (reference.lookingAt()) {
      java.append("\\k<").append(reference.group(1)).append('>');
      at += reference.end();
    } else if (rest.startsWith("(?(") || rest.startsWith("(?#")) {
      throw refusal(rest.substring(0, 3) + ", which Java does not have");
    } else if (rest.startsWith("(?P<") || rest.startsWith("(?<")) {
      namedOrLookbehind(rest);
    } else if (rest.startsWith("(?")) {
      int end = Math.min(rest.length(), 1 + indexOfAny(rest, ":=!>)"));
      take(end);
      java.append(rest.charAt(end - 1) == ')' ? "" : begin);
    } else {
      take(1).append(begin);
    }
  }

  private void namedOrLookbehind(String rest) {
    boolean lookbehind = rest.startsWith("(?<=") || rest.startsWith("(?<!");
    int end = lookbehind ? 4 : rest.indexOf('>') + 1;
    if (end == 0) {
      throw refusal("a group name without an end");
    }
    if (rest.startsWith("(?P<")) {
      java.append("(?<");
      at += 4;
      end -= 4;
    }
    take(end);
    java.append(begin);
  }

  private static int indexOfAny(String text, String characters) {
    int first = text.length() - 1;
    for (int i = text.length() - 1; i >= 2; i--) {
      first = characters.indexOf(text.charAt(i)) >= 0 ? i : first;
    }
    return first;
  }

  private PatternSyntaxException refusal(String what) {
    return new PatternSyntaxException("it has " + what, python, at);
  }
}
