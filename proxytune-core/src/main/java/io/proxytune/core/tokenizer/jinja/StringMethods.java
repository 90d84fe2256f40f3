package io.proxytune.core.tokenizer.jinja;

import com.google.common.base.CharMatcher;
import com.google.common.collect.Lists;
import io.proxytune.core.tokenizer.jinja.Operations.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of Python's {@code str}. */
final class StringMethods {
  private static final CharMatcher LINE_BREAK =
      CharMatcher.anyOf("\n\r\u000B\f\u001C\u001D\u001E\u0085\u2028\u2029");

  /** Methods by name. */
  static final Operations METHODS =
      new Operations(
          "method of a str",
          Map.ofEntries(
              entry("capitalize", (text, a) -> capitalize(text)),
              entry("count", (text, a) -> count(a.budget(), text, a.requireText(0, "sub"))),
              entry("endswith", (text, a) -> anyOf(a, text::endsWith)),
              entry("find", (text, a) -> find(text, a, false)),
              entry("index", (text, a) -> found(find(text, a, false))),
              entry("isalnum", (text, a) -> all(text, Character::isLetterOrDigit)),
              entry("isalpha", (text, a) -> all(text, Character::isLetter)),
              entry("isdigit", (text, a) -> all(text, Character::isDigit)),
              entry("islower", (text, a) -> isCase(text, text.toLowerCase(Locale.ROOT))),
              entry("isspace", (text, a) -> all(text, Text::isSpace)),
              entry("isupper", (text, a) -> isCase(text, text.toUpperCase(Locale.ROOT))),
              entry("join", (text, a) -> join(a.budget(), text, a.require(0, "iterable"))),
              entry("lower", (text, a) -> text.toLowerCase(Locale.ROOT)),
              entry("lstrip", (text, a) -> strip(text, a, true, false)),
              entry("partition", StringMethods::partition),
              entry("removeprefix", (text, a) -> removePrefix(text, a.requireText(0, "prefix"))),
              entry("removesuffix", (text, a) -> removeSuffix(text, a.requireText(0, "suffix"))),
              entry("replace", StringMethods::replace),
              entry("rfind", (text, a) -> find(text, a, true)),
              entry("rsplit", (text, a) -> split(text, a, true)),
              entry("rstrip", (text, a) -> strip(text, a, false, true)),
              entry("split", (text, a) -> split(text, a, false)),
              entry("splitlines", StringMethods::splitLines),
              entry("startswith", (text, a) -> anyOf(a, text::startsWith)),
              entry("strip", (text, a) -> strip(text, a, true, true)),
              entry("title", (text, a) -> title(a.budget(), text)),
              entry("upper", (text, a) -> text.toUpperCase(Locale.ROOT))),
          Set.of());

  private StringMethods() {}

  @FunctionalInterface
  private interface Method {
    Object call(String text, Arguments arguments);
  }

  private static Map.Entry<String, Operation> entry(String name, Method method) {
    return Map.entry(name, (text, arguments) -> method.call((String) text, arguments));
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int end = text.offsetByCodePoints(0, 1);
    String first = Character.toString(Character.toTitleCase(text.codePointAt(0)));
    return first + text.substring(end).toLowerCase(Locale.ROOT);
  }

  private static String title(Budget budget, String text) {
    TextWriter out = new TextWriter(budget);
    boolean inWord = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      out.append(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
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

  private static long count(Budget budget, String text, String part) {
    if (part.isEmpty()) {
      return Values.length(text) + 1;
    }
    long count = 0;
    int at = -part.length();
    while ((at = Search.first(budget, text, part, at + part.length())) >= 0) {
      count++;
    }
    return count;
  }

  private static Object find(String text, Arguments arguments, boolean last) {
    String part = arguments.requireText(0, "sub");
    Budget budget = arguments.budget();
    return place(
        text, last ? Search.last(budget, text, part) : Search.first(budget, text, part, 0));
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

  private static Object join(Budget budget, String separator, Object parts) {
    TextWriter out = new TextWriter(budget);
    String between = "";
    for (Object part : Values.items(budget, parts)) {
      out.append(between).append(requireString(part));
      between = separator;
    }
    return out.toString();
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
    Set<Integer> stripped = new HashSet<>();
    requireString(chars).codePoints().forEach(stripped::add);
    return Text.strip(text, stripped::contains, start, end);
  }

  private static Object partition(String text, Arguments arguments) {
    String separator = arguments.requireText(0, "sep");
    int at = Search.first(arguments.budget(), text, separator, 0);
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
        arguments.budget(),
        text,
        requireString(arguments.require(0, "old")),
        requireString(arguments.require(1, "new")),
        arguments.getInt(2, "count", -1));
  }

  /** Replaces the first {@code count} places, or all where it is negative. */
  static String replace(Budget budget, String text, String old, String replacement, int count) {
    TextWriter out = new TextWriter(budget);
    int from = 0;
    int at = 0;
    for (int i = 0; i != count; i++) {
      at = old.isEmpty() ? at : Search.first(budget, text, old, from);
      if (at < 0 || at > text.length()) {
        break;
      }
      out.append(text, from, at).append(replacement);
      from = at + old.length();
      // Between all characters, where nothing is to be replaced.
      at = at < text.length() ? text.offsetByCodePoints(at, 1) : text.length() + 1;
    }
    return out.append(text, from, text.length()).toString();
  }

  /** Cuts a text at a separator, at most {@code most} times where that is not negative. */
  private static List<Object> cut(Budget budget, String text, String separator, int most) {
    ListWriter parts = new ListWriter(budget);
    int from = 0;
    int at;
    while (parts.size() != most && (at = Search.first(budget, text, separator, from)) >= 0) {
      parts.addText(text.substring(from, at));
      from = at + separator.length();
    }
    return parts.addText(text.substring(from)).list();
  }

  private static Object split(String text, Arguments arguments, boolean fromEnd) {
    Budget budget = arguments.budget();
    Object separator = arguments.get(0, "sep", None.NONE);
    int most = arguments.getInt(1, "maxsplit", -1);
    if (!fromEnd) {
      return split(budget, text, separator, most);
    }
    Object reversed = separator == None.NONE ? separator : reverse(budget, separator);
    ListWriter parts = new ListWriter(budget);
    Lists.reverse(split(budget, reverse(budget, text), reversed, most))
        .forEach(part -> parts.add(reverse(budget, part)));
    return parts.list();
  }

  private static List<Object> split(Budget budget, String text, Object separator, int most) {
    if (separator == None.NONE) {
      return splitAtSpace(budget, text, most);
    } else if (requireString(separator).isEmpty()) {
      throw new TemplateException("empty separator");
    }
    return cut(budget, text, requireString(separator), most);
  }

  private static List<Object> splitAtSpace(Budget budget, String text, int most) {
    ListWriter words = new ListWriter(budget);
    int from = next(text, 0, false);
    while (from < text.length() && words.size() != most) {
      int end = next(text, from, true);
      words.addText(text.substring(from, end));
      from = next(text, end, false);
    }
    return from < text.length()
        ? words.addText(Text.stripEnd(text.substring(from))).list()
        : words.list();
  }

  /** The next place from some place on that is space, or that is none. */
  private static int next(String text, int from, boolean space) {
    int at = from;
    while (at < text.length() && Text.isSpace(text.codePointAt(at)) != space) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  private static String reverse(Budget budget, Object text) {
    return new TextWriter(budget).append(requireString(text)).reverse().toString();
  }

  private static Object splitLines(String text, Arguments arguments) {
    boolean keepEnds = arguments.getFlag(0, "keepends", false);
    ListWriter lines = new ListWriter(arguments.budget());
    int from = 0;
    while (from < text.length()) {
      int at = LINE_BREAK.indexIn(text, from);
      int end = at < 0 ? text.length() : at;
      int next = at < 0 ? end : at + (text.startsWith("\r\n", at) ? 2 : 1);
      lines.addText(text.substring(from, keepEnds ? next : end));
      from = next;
    }
    return lines.list();
  }
}
