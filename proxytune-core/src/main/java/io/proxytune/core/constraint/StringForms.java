package io.proxytune.core.constraint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Strings of JSON that are bound to something. */
final class StringForms {
  private static final String DATE =
      "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";

  private static final String OFFSET = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
  private static final String TIME =
      OFFSET + ":[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-]" + OFFSET + ")";
  private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

  private static final Map<String, String> FORMATS =
      new TreeMap<>(
          Map.of(
              "date",
              DATE,
              "time",
              TIME,
              "date-time",
              "(?:" + DATE + ")T(?:" + TIME + ")",
              "uuid",
              "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
              "ipv4",
              BYTE + "(?:\\." + BYTE + "){3}"));

  private StringForms() {}

  /** The formats that are known. */
  static String formats() {
    return String.join(", ", FORMATS.keySet());
  }

  /** Strings of a format, if it is known. */
  static Optional<Form> format(String name) {
    return Optional.ofNullable(FORMATS.get(name))
        .map(regex -> JsonForms.quoted(RegexParser.whole(regex)));
  }

  /** Strings in which a regular expression is found. */
  static Form pattern(String regex) {
    return JsonForms.quoted(JsonForms.escaped(RegexParser.found(regex)));
  }

  /** Strings of so many characters. */
  static Form ofLength(int min, int max) {
    return JsonForms.quoted(new Form.Repeat(JsonForms.STRING_CHARACTER, min, max));
  }

  /** Strings without escapes that are none of some. */
  static Form otherThan(List<String> texts) {
    Set<String> plain = new TreeSet<>(texts);
    plain.removeIf(text -> !text.codePoints().allMatch(JsonForms.PLAIN::contains));
    return JsonForms.quoted(otherThan(plain));
  }

  private static Form otherThan(Set<String> texts) {
    Form any = Form.many(new Form.OneOf(JsonForms.PLAIN));
    Map<Integer, Set<String>> byFirst = new TreeMap<>();
    for (String text : texts) {
      if (!text.isEmpty()) {
        int first = text.codePointAt(0);
        byFirst
            .computeIfAbsent(first, c -> new TreeSet<>())
            .add(text.substring(Character.charCount(first)));
      }
    }
    CodePoints others = JsonForms.PLAIN;
    Form all = texts.contains("") ? Form.NOTHING : Form.EMPTY;
    for (Map.Entry<Integer, Set<String>> each : byFirst.entrySet()) {
      CodePoints first = CodePoints.between(each.getKey(), each.getKey());
      others = others.minus(first);
      all = Form.anyOf(all, Form.sequence(new Form.OneOf(first), otherThan(each.getValue())));
    }
    return Form.anyOf(all, Form.sequence(new Form.OneOf(others), any));
  }
}
