package io.proxytune.core.tokenizer.jinja;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.tokenizer.jinja.Operations.Operation;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jinja2's filters on single values; those on sequences are in {@link SequenceFilters}. */
final class Filters {
  /** Beyond these places a double has no digits to round. */
  private static final int MOST_PLACES = 400;

  private static final int SMALLEST_RADIX = 2;

  private static final Pattern FLOAT =
      Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*+)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");

  private static final Pattern NOT_FINITE =
      Pattern.compile("([+-]?)(?:(nan)|inf(?:inity)?)", Pattern.CASE_INSENSITIVE);

  private static final Operations ALL =
      new Operations(
          "filter",
          ImmutableMap.<String, Operation>builder()
              .put("abs", (value, a) -> abs(value))
              .put("attr", (value, a) -> attribute(value, a))
              .put("capitalize", (value, a) -> StringMethods.capitalize(text(value, a)))
              .put("d", Filters::defaulted)
              .put("default", Filters::defaulted)
              .put("float", Filters::toFloat)
              .put("indent", Filters::indent)
              .put("int", Filters::toInteger)
              .put("items", (value, a) -> items(value, a))
              .put("lower", (value, a) -> text(value, a).toLowerCase(Locale.ROOT))
              .put("replace", Filters::replace)
              .put("round", Filters::round)
              .put("safe", Filters::text)
              .put("string", Filters::text)
              .put("title", (value, a) -> title(a.budget(), text(value, a)))
              .put("tojson", Json::write)
              .put("trim", Filters::trim)
              .put("upper", (value, a) -> text(value, a).toUpperCase(Locale.ROOT))
              .putAll(SequenceFilters.FILTERS)
              .buildOrThrow(),
          Set.of("attr", "d", "default", "safe", "string"));

  private Filters() {}

  static Operations operations() {
    return ALL;
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
    return ALL.run(name, value, arguments);
  }

  private static String text(Object value, Arguments arguments) {
    return Text.of(arguments.budget(), value);
  }

  private static Object attribute(Object value, Arguments arguments) {
    return Access.attribute(arguments.budget(), value, arguments.requireText(0, "name"));
  }

  private static Object abs(Object value) {
    if (!Values.isNumber(value)) {
      throw Values.unsupported("abs", value, 0L);
    }
    return Values.toDouble(value) < 0 ? Arithmetic.negate(value) : value;
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
    return value instanceof String text
        ? parse(text.strip().replace("_", ""), otherwise)
        : otherwise;
  }

  private static Object parse(String text, Object otherwise) {
    Matcher special = NOT_FINITE.matcher(text);
    if (special.matches()) {
      double value = special.group(2) == null ? Double.POSITIVE_INFINITY : Double.NaN;
      return special.group(1).equals("-") ? -value : value;
    }
    return FLOAT.matcher(text).matches() ? (Object) Double.parseDouble(text) : otherwise;
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
    String text = text(value, arguments).strip().replace("_", "");
    try {
      return Long.parseLong(text, Math.max(SMALLEST_RADIX, arguments.getInt(1, "base", 10)));
    } catch (NumberFormatException e) {
      Object number = parse(text, None.NONE);
      return number instanceof Double d && Double.isFinite(d) ? (Object) d.longValue() : otherwise;
    }
  }

  private static Object indent(Object value, Arguments arguments) {
    if (!(value instanceof String text)) {
      throw new TemplateException("indent needs a str, got " + Values.typeName(value));
    }
    Object width = arguments.get(0, "width", 4L);
    boolean first = arguments.getFlag(1, "first", false);
    boolean blank = arguments.getFlag(2, "blank", false);
    String indent =
        width instanceof String s ? s : Text.repeat(arguments.budget(), " ", Values.toLong(width));
    // Like Jinja2: a newline at the end is kept, with nothing or the indent behind it.
    TextWriter out = new TextWriter(arguments.budget());
    for (int from = 0; from <= text.length(); ) {
      int newline = text.indexOf('\n', from);
      int end = newline < 0 ? text.length() : newline;
      boolean indented = from == 0 ? first : blank || end > from;
      out.append(indented ? indent : "").append(text, from, Math.min(end + 1, text.length()));
      from = end + 1;
    }
    return out.toString();
  }

  private static void failIfUndefined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
  }

  private static Object items(Object value, Arguments arguments) {
    if (value instanceof Map) {
      return new Generator(Access.pairs(arguments.budget(), value));
    } else if (value instanceof Undefined) {
      return new Generator(List.of());
    }
    throw new TemplateException("Can only get item pairs from a mapping.");
  }

  private static Object replace(Object value, Arguments arguments) {
    Object count = arguments.get(2, "count", None.NONE);
    return StringMethods.replace(
        arguments.budget(),
        text(value, arguments),
        arguments.requireText(0, "old"),
        arguments.requireText(1, "new"),
        count == None.NONE ? -1 : Values.toInt(count));
  }

  private static Object round(Object value, Arguments arguments) {
    RoundingMode mode =
        switch (Text.of(arguments.budget(), arguments.get(1, "method", "common"))) {
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> RoundingMode.HALF_EVEN;
        };
    int places = arguments.getInt(0, "precision", 0);
    if (!Values.isNumber(value) || !Double.isFinite(Values.toDouble(value))) {
      throw new TemplateException(
          "can't round " + (Values.isNumber(value) ? value : "a " + Values.typeName(value)));
    } else if (Math.abs((long) places) > MOST_PLACES) {
      throw new TemplateException(
          "can't round to " + places + " places, at most " + MOST_PLACES + " can be");
    }
    BigDecimal number =
        Values.isInteger(value)
            ? BigDecimal.valueOf(Values.toLong(value))
            : new BigDecimal(Values.toDouble(value));
    BigDecimal rounded = number.setScale(places, mode);
    return Values.isInteger(value) && mode == RoundingMode.HALF_EVEN
        ? (Object) rounded.longValueExact()
        : rounded.doubleValue();
  }

  private static String title(Budget budget, String text) {
    TextWriter out = new TextWriter(budget);
    boolean start = true;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      out.append(start ? Character.toString(c).toUpperCase(Locale.ROOT) : lower(c));
      start = "-({[<".indexOf(c) >= 0 || Text.isSpace(c);
    }
    return out.toString();
  }

  private static String lower(int c) {
    return Character.toString(c).toLowerCase(Locale.ROOT);
  }

  private static Object trim(Object value, Arguments arguments) {
    return StringMethods.strip(
        text(value, arguments), arguments.get(0, "chars", None.NONE), true, true);
  }
}
