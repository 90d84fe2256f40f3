package io.proxytune.core.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** How values are written, and what Python's texts need: they count in code points. */
final class Text {
  /** Where Python writes floating-point numbers with an exponent. */
  private static final int LARGE_EXPONENT = 16;

  private static final int SMALL_EXPONENT = -4;

  /** Digits that tell any two doubles apart. */
  private static final int MOST_DIGITS = 17;

  /** The arithmetic on up to a thousand digits behind {@link #ofDouble}. */
  private static final int STEPS_FOR_DIGITS = 5000;

  private static final int STEPS_FOR_FORMAT = 100;

  private Text() {}

  /** What Python's {@code str} gives. */
  static String of(Budget budget, Object value) {
    if (value instanceof String string) {
      return string;
    }
    return value instanceof Undefined ? "" : repr(budget, value);
  }

  /** Writes what Python's {@code str} gives. */
  static void write(TextWriter out, Object value) {
    if (value instanceof String string) {
      out.append(string);
    } else if (!(value instanceof Undefined)) {
      writeRepr(out, value);
    }
  }

  /** What Python's {@code repr} gives. */
  static String repr(Budget budget, Object value) {
    TextWriter out = new TextWriter(budget);
    writeRepr(out, value);
    return out.toString();
  }

  private static void writeRepr(TextWriter out, Object value) {
    out.budget().enter();
    if (value instanceof String string) {
      writeQuoted(out, string);
    } else if (value instanceof List<?> list) {
      writeItems(out.append("["), list).append("]");
    } else if (value instanceof Tuple tuple) {
      String end = tuple.items().size() == 1 ? ",)" : ")";
      writeItems(out.append("("), tuple.items()).append(end);
    } else if (value instanceof Map<?, ?> map) {
      writeEntries(out.append("{"), map).append("}");
    } else if (value instanceof Double number) {
      out.append(ofDouble(out.budget(), number));
    } else {
      out.append(reprOfOne(value));
    }
    out.budget().leave();
  }

  private static String reprOfOne(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    } else if (value == None.NONE) {
      return "None";
    } else if (value instanceof Long) {
      return value.toString();
    }
    return value instanceof Undefined ? "Undefined" : "<" + Values.typeName(value) + ">";
  }

  private static TextWriter writeItems(TextWriter out, List<?> items) {
    String separator = "";
    for (Object item : items) {
      writeRepr(out.append(separator), item);
      separator = ", ";
    }
    return out;
  }

  private static TextWriter writeEntries(TextWriter out, Map<?, ?> map) {
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      writeRepr(out.append(separator), entry.getKey());
      writeRepr(out.append(": "), entry.getValue());
      separator = ", ";
    }
    return out;
  }

  /** The shortest digits that read back as the same number. */
  static String ofDouble(Budget budget, double number) {
    budget.work(STEPS_FOR_DIGITS);
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
    } else if (number == 0) {
      return 1 / number < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(number);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= MOST_DIGITS; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == number) {
        break;
      }
    }
    return written(shortest.stripTrailingZeros());
  }

  private static String written(BigDecimal number) {
    int exponent = number.precision() - number.scale() - 1;
    if (exponent >= SMALL_EXPONENT && exponent < LARGE_EXPONENT) {
      String plain = number.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = number.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return (number.signum() < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static void writeQuoted(TextWriter out, String string) {
    char quote = string.contains("'") && !string.contains("\"") ? '"' : '\'';
    out.append(quote);
    string.codePoints().forEach(c -> appendEscaped(out, c, quote));
    out.append(quote);
  }

  private static void appendEscaped(TextWriter out, int c, char quote) {
    if (c == quote || c == '\\') {
      out.append('\\').append(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out.append('\\').append(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else if (c == ' ' || isPrintable(c)) {
      out.append(c);
    } else {
      out.budget().work(STEPS_FOR_FORMAT);
      String format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
      out.append(String.format(Locale.ROOT, format, c));
    }
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** What Python's {@code str.isspace} calls space. */
  static boolean isSpace(int c) {
    return (c >= 0x09 && c <= 0x0D)
        || (c >= 0x1C && c <= 0x20)
        || c == 0x85
        || c == 0xA0
        || Character.isSpaceChar(c);
  }

  static String strip(String text, IntPredicate stripped, boolean start, boolean end) {
    int from = 0;
    int to = text.length();
    while (start && from < to && stripped.test(text.codePointAt(from))) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (end && to > from && stripped.test(text.codePointBefore(to))) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  static String stripEnd(String text) {
    return strip(text, Text::isSpace, false, true);
  }

  /** Orders texts by code points, which UTF-16 does not where one has a surrogate. */
  static int compare(Budget budget, String a, String b) {
    int common = Math.min(a.length(), b.length());
    int same = 0;
    while (same < common && a.charAt(same) == b.charAt(same)) {
      same++;
    }
    budget.work(1L + same);
    if (same == common) {
      return Integer.compare(a.length(), b.length());
    }
    char left = a.charAt(same);
    char right = b.charAt(same);
    boolean surrogate = Character.isSurrogate(left) != Character.isSurrogate(right);
    return surrogate
        ? Boolean.compare(Character.isSurrogate(left), Character.isSurrogate(right))
        : Character.compare(left, right);
  }

  static String repeat(Budget budget, String text, long count) {
    return new TextWriter(budget).repeat(text, count).toString();
  }

  static String concat(Budget budget, String a, String b) {
    return new TextWriter(budget).append(a).append(b).toString();
  }
}
