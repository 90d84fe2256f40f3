package io.proxytune.core.tokenizer.jinja;

import com.google.common.base.CharMatcher;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of Python's {@code str}. */
final class StringMethods {
  private static final CharMatcher LINE_BREAK =
      CharMatcher.anyOf("\n\r\u000B\f\u001C\u001D\u001E\u0085\u2028\u2029");

  /** Methods by name. */
  private static final Map<String, Method> METHODS =
      Map.ofEntries(
          Map.entry("capitalize", (text, a) -> capitalize(text)),
          Map.entry("count", (text, a) -> count(text, a.requireText(0, "sub"))),
          Map.entry("endswith", (text, a) -> anyOf(a, text::endsWith)),
          Map.entry("find", (text, a) -> find(text, a, false)),
          Map.entry("index", (text, a) -> found(find(text, a, false))),
          Map.entry("isalnum", (text, a) -> all(text, Character::isLetterOrDigit)),
          Map.entry("isalpha", (text, a) -> all(text, Character::isLetter)),
          Map.entry("isdigit", (text, a) -> all(text, Character::isDigit)),
          Map.entry("islower", (text, a) -> isCase(text, text.toLowerCase(Locale.ROOT))),
          Map.entry("isspace", (text, a) -> all(text, Text::isSpace)),
          Map.entry("isupper", (text, a) -> isCase(text, text.toUpperCase(Locale.ROOT))),
          Map.entry("join", (text, a) -> join(text, a.require(0, "iterable"))),
          Map.entry("lower", (text, a) -> text.toLowerCase(Locale.ROOT)),
          Map.entry("lstrip", (text, a) -> strip(text, a, true, false)),
          Map.entry("partition", (text, a) -> partition(text, a)),
          Map.entry("removeprefix", (text, a) -> removePrefix(text, a.requireText(0, "prefix"))),
          Map.entry("removesuffix", (text, a) -> removeSuffix(text, a.requireText(0, "suffix"))),
          Map.entry("replace", StringMethods::replace),
          Map.entry("rfind", (text, a) -> find(text, a, true)),
          Map.entry("rsplit", (text, a) -> split(text, a, true)),
          Map.entry("rstrip", (text, a) -> strip(text, a, false, true)),
          Map.entry("split", (text, a) -> split(text, a, false)),
          Map.entry("splitlines", (text, a) -> splitLines(text, a.getFlag(0, "keepends", false))),
          Map.entry("startswith", (text, a) -> anyOf(a, text::startsWith)),
          Map.entry("strip", (text, a) -> strip(text, a, true, true)),
          Map.entry("title", (text, a) -> title(text)),
          Map.entry("upper", (text, a) -> text.toUpperCase(Locale.ROOT)));

  private StringMethods() {}

  @FunctionalInterface
  private interface Method {
    Object call(String text, Arguments arguments);
  }

  static Optional<Invocable> find(String text, String name) {
    return Optional.ofNullable(METHODS.get(name))
        .map(method -> arguments -> method.call(text, arguments));
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int end = text.offsetByCodePoints(0, 1);
    String first = Character.toString(Character.toTitleCase(text.codePointAt(0)));
    return first + text.substring(end).toLowerCase(Locale.ROOT);
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = isCased(c);
    }
    return out.toString();
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  private static Object isCase(String text, String converted) {
    return text.equals(converted) && text.codePoints().anyMatch(StringMethods::isCased);
  }

  private static Object all(String text, IntPredicate predicate) {
    return !text.isEmpty() && text.codePoints().allMatch(predicate);
  }

  private static Object anyOf(Arguments arguments, Predicate<String> test) {
    Object sought = arguments.require(0, "prefix");
    return sought instanceof Tuple tuple
        ? tuple.items().stream().map(StringMethods::requireString).anyMatch(test)
        : test.test(requireString(sought));
  }

  private static String requireString(Object value) {
    if (value instanceof String string) {
      return string;
    }
    throw new TemplateException("expected a str, got " + Values.typeName(value));
  }

  private static long count(String text, String part) {
    return part.isEmpty() ? Values.length(text) + 1 : cut(text, part, -1).size() - 1L;
  }

  private static Object find(String text, Arguments arguments, boolean last) {
    String part = arguments.requireText(0, "sub");
    return place(text, last ? text.lastIndexOf(part) : text.indexOf(part));
  }

  private static Object place(String text, int index) {
    return index < 0 ? -1L : (long) text.codePointCount(0, index);
  }

  private static Object found(Object place) {
    if (place.equals(-1L)) {
      throw new TemplateException("substring not found");
    }
    return place;
  }

  private static Object join(String separator, Object parts) {
    return Text.join(
        separator, Values.items(parts).stream().map(StringMethods::requireString).toList());
  }

  private static Object strip(String text, Arguments arguments, boolean start, boolean end) {
    Object chars = arguments.get(0, "chars", None.NONE);
    return strip(text, chars, start, end);
  }

  /** Strips space, or any of some characters. */
  static String strip(String text, Object chars, boolean start, boolean end) {
    if (chars == None.NONE) {
      return Text.strip(text, Text::isSpace, start, end);
    }
    String stripped = requireString(chars);
    return Text.strip(text, c -> stripped.indexOf(c) >= 0, start, end);
  }

  private static Object partition(String text, Arguments arguments) {
    String separator = arguments.requireText(0, "sep");
    int at = text.indexOf(separator);
    return at < 0
        ? Tuple.of(text, "", "")
        : Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  private static String removePrefix(String text, String prefix) {
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  private static String removeSuffix(String text, String suffix) {
    boolean ends = !suffix.isEmpty() && text.endsWith(suffix);
    return ends ? text.substring(0, text.length() - suffix.length()) : text;
  }

  private static Object replace(String text, Arguments arguments) {
    return replace(
        text,
        requireString(arguments.require(0, "old")),
        requireString(arguments.require(1, "new")),
        arguments.getInt(2, "count", -1));
  }

  /** Replaces the first {@code count} places, or all where it is negative. */
  static String replace(String text, String old, String replacement, int count) {
    List<String> parts = new ArrayList<>();
    if (old.isEmpty()) {
      parts.add("");
      Values.items(text).forEach(c -> parts.add(Text.of(c)));
      parts.add("");
    } else {
      parts.addAll(cut(text, old, count));
    }
    int joints = count < 0 ? parts.size() - 1 : Math.min(count, parts.size() - 1);
    return Text.concat(
        Text.join(replacement, parts.subList(0, joints + 1)),
        String.join("", parts.subList(joints + 1, parts.size())));
  }

  private static List<String> cut(String text, String separator, int most) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    int at;
    while (parts.size() != most && (at = text.indexOf(separator, from)) >= 0) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static Object split(String text, Arguments arguments, boolean fromEnd) {
    Object separator = arguments.get(0, "sep", None.NONE);
    int most = arguments.getInt(1, "maxsplit", -1);
    if (!fromEnd) {
      return List.<Object>copyOf(split(text, separator, most));
    }
    Object reversed = separator == None.NONE ? separator : reverse(requireString(separator));
    List<String> parts = split(reverse(text), reversed, most);
    return List.<Object>copyOf(Lists.reverse(parts).stream().map(StringMethods::reverse).toList());
  }

  private static List<String> split(String text, Object separator, int most) {
    if (separator == None.NONE) {
      return splitAtSpace(text, most);
    } else if (requireString(separator).isEmpty()) {
      throw new TemplateException("empty separator");
    }
    return cut(text, requireString(separator), most);
  }

  private static List<String> splitAtSpace(String text, int most) {
    List<String> words = new ArrayList<>();
    String rest = Text.strip(text, Text::isSpace, true, false);
    while (!rest.isEmpty() && words.size() != most) {
      int end = 0;
      while (end < rest.length() && !Text.isSpace(rest.codePointAt(end))) {
        end += Character.charCount(rest.codePointAt(end));
      }
      words.add(rest.substring(0, end));
      rest = Text.strip(rest.substring(end), Text::isSpace, true, false);
    }
    if (!rest.isEmpty()) {
      words.add(Text.stripEnd(rest));
    }
    return words;
  }

  private static String reverse(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  private static Object splitLines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int at = LINE_BREAK.indexIn(text, from);
      int end = at < 0 ? text.length() : at;
      int next = at < 0 ? end : at + (text.startsWith("\r\n", at) ? 2 : 1);
      lines.add(text.substring(from, keepEnds ? next : end));
      from = next;
    }
    return lines;
  }
}
