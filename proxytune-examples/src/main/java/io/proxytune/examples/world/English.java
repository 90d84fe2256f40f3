package io.proxytune.examples.world;

import java.util.List;

/** The little grammar that the sentences need. */
final class English {
  private English() {}

  static String withArticle(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }

  static String capitalized(String phrase) {
    return Character.toUpperCase(phrase.charAt(0)) + phrase.substring(1);
  }

  /** Puts a value in the places of {@code {x}}, {@code {a x}} and {@code {A x}}. */
  static String fill(String pattern, String value) {
    String indefinite = withArticle(value);
    return pattern
        .replace("{x}", value)
        .replace("{a x}", indefinite)
        .replace("{A x}", capitalized(indefinite));
  }

  /** "a", "a and b", "a, b and c". */
  static String list(List<String> parts) {
    int last = parts.size() - 1;
    return last == 0
        ? parts.get(0)
        : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
  }
}
