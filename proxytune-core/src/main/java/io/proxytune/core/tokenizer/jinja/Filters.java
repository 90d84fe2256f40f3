package io.proxytune.core.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Jinja2's filters on single values; those on sequences are in {@link SequenceFilters}. */
final class Filters {
  private static final Pattern WORD_START = Pattern.compile("([-\\s({\\[<]+)");
  private static final int SMALLEST_RADIX = 2;

  private static final Map<String, Filter> FILTERS =
      Map.ofEntries(
          Map.entry("abs", (value, a) -> abs(value)),
          Map.entry("attr", (value, a) -> Access.attribute(value, a.requireText(0, "name"))),
          Map.entry("capitalize", (value, a) -> StringMethods.capitalize(Text.of(value))),
          Map.entry("d", Filters::defaulted),
          Map.entry("default", Filters::defaulted),
          Map.entry("float", Filters::toFloat),
          Map.entry("indent", Filters::indent),
          Map.entry("int", Filters::toInteger),
          Map.entry("items", (value, a) -> items(value)),
          Map.entry("lower", (value, a) -> Text.of(value).toLowerCase(Locale.ROOT)),
          Map.entry("replace", Filters::replace),
          Map.entry("round", Filters::round),
          Map.entry("safe", (value, a) -> Text.of(value)),
          Map.entry("string", (value, a) -> Text.of(value)),
          Map.entry("title", (value, a) -> title(Text.of(value))),
          Map.entry("tojson", (value, a) -> Json.write(value, a)),
          Map.entry("trim", Filters::trim),
          Map.entry("upper", (value, a) -> Text.of(value).toUpperCase(Locale.ROOT)));

  private Filters() {}

  /** A filter: the value before the bar, and the arguments in parentheses. */
  @FunctionalInterface
  interface Filter {
    Object apply(Object value, Arguments arguments);
  }

  static boolean exists(String name) {
    return FILTERS.containsKey(name) || SequenceFilters.FILTERS.containsKey(name);
  }

  /**
   * Runs a filter.
   *
   * @param name its name
   * @param value the value before the bar
   * @param arguments what stands in parentheses
   * @return the filtered value
   */
  static Object apply(String name, Object value, Arguments arguments) {
    Filter filter = FILTERS.getOrDefault(name, SequenceFilters.FILTERS.get(name));
    if (filter == null) {
      throw new TemplateException("no filter named '" + name + "'");
    }
    return filter.apply(value, arguments);
  }

  private static Object abs(Object value) {
    return Values.compare(value, 0L) < 0 ? Arithmetic.negate(value) : value;
  }

  private static Object defaulted(Object value, Arguments arguments) {
    boolean falseToo = arguments.getFlag(1, "boolean", false);
    boolean missing = value instanceof Undefined || (falseToo && !Values.truth(value));
    return missing ? arguments.get(0, "default_value", "") : value;
  }

  private static Object toFloat(Object value, Arguments arguments) {
    failIfUndefined(value);
    Object otherwise = arguments.get(0, "default", 0.0);
    if (Values.isNumber(value)) {
      return Values.toDouble(value);
    }
    try {
      return value instanceof String text ? (Object) Double.parseDouble(text.strip()) : otherwise;
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static Object toInteger(Object value, Arguments arguments) {
    failIfUndefined(value);
    Object otherwise = arguments.get(0, "default", 0L);
    if (Values.isNumber(value)) {
      double number = Values.toDouble(value);
      return Double.isFinite(number)
          ? (Object) (Values.isInteger(value) ? Values.toLong(value) : (long) number)
          : otherwise;
    } else if (!(value instanceof String)) {
      return otherwise;
    }
    String text = Text.of(value).strip().replace("_", "");
    try {
      return Long.parseLong(text, Math.max(SMALLEST_RADIX, arguments.getInt(1, "base", 10)));
    } catch (NumberFormatException e) {
      Object number = toFloat(text, new Arguments(List.of(None.NONE), Map.of()));
      return number instanceof Double d && Double.isFinite(d) ? (Object) d.longValue() : otherwise;
    }
  }

  private static Object indent(Object value, Arguments arguments) {
    if (!(value instanceof String text)) {
      throw new TemplateException("indent needs a str, got " + Values.typeName(value));
    }
    Object width = arguments.get(0, "width", 4L);
    String indent = width instanceof String s ? s : Text.repeat(" ", Values.toLong(width));
    boolean first = arguments.getFlag(1, "first", false);
    boolean blank = arguments.getFlag(2, "blank", false);
    // Like Jinja2: a newline at the end is kept, with nothing or the indent behind it.
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      boolean indented = lines.isEmpty() ? first : blank || !line.isEmpty();
      lines.add(indented ? indent + line : line);
    }
    return Text.join("\n", lines);
  }

  private static void failIfUndefined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
  }

  private static Object items(Object value) {
    if (value instanceof Map<?, ?> map) {
      return new Generator(Access.pairs(map));
    } else if (value instanceof Undefined) {
      return new Generator(List.of());
    }
    throw new TemplateException("Can only get item pairs from a mapping.");
  }

  private static Object replace(Object value, Arguments arguments) {
    Object count = arguments.get(2, "count", None.NONE);
    return StringMethods.replace(
        Text.of(value),
        arguments.requireText(0, "old"),
        arguments.requireText(1, "new"),
        count == None.NONE ? -1 : Values.toInt(count));
  }

  private static Object round(Object value, Arguments arguments) {
    RoundingMode mode =
        switch (Text.of(arguments.get(1, "method", "common"))) {
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> RoundingMode.HALF_EVEN;
        };
    int places = arguments.getInt(0, "precision", 0);
    if (!Values.isNumber(value)) {
      throw new TemplateException("can't round a " + Values.typeName(value));
    }
    double number = Values.toDouble(value);
    BigDecimal rounded = new BigDecimal(number).setScale(places, mode);
    return Values.isInteger(value) && mode == RoundingMode.HALF_EVEN
        ? (Object) rounded.longValue()
        : rounded.doubleValue();
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean start = true;
    for (int c : text.codePoints().toArray()) {
      out.append(start ? Character.toString(c).toUpperCase(Locale.ROOT) : lower(c));
      start = WORD_START.matcher(Character.toString(c)).matches();
    }
    return out.toString();
  }

  private static String lower(int c) {
    return Character.toString(c).toLowerCase(Locale.ROOT);
  }

  private static Object trim(Object value, Arguments arguments) {
    return StringMethods.strip(Text.of(value), arguments.get(0, "chars", None.NONE), true, true);
  }
}
