package io.proxytune.core.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** How values are written, and what Python's texts need: they count in code points. */
final class Text {
  /** Where Python writes floating-point numbers with an exponent. */
  private static final int LARGE_EXPONENT = 16;

  private static final int SMALL_EXPONENT = -4;

  /** Digits that tell any two doubles apart. */
  private static final int MOST_DIGITS = 17;

  private Text() {}

  /** What Python's {@code str} gives. */
  static String of(Object value) {
    if (value instanceof String string) {
      return string;
    }
    return value instanceof Undefined ? "" : repr(value);
  }

  /** What Python's {@code repr} gives. */
  static String repr(Object value) {
    if (value instanceof String string) {
      return quoted(string);
    } else if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    } else if (value == None.NONE) {
      return "None";
    } else if (value instanceof Long) {
      return value.toString();
    } else if (value instanceof Double number) {
      return ofDouble(number);
    } else if (value instanceof List<?> list) {
      return "[" + joined(list) + "]";
    } else if (value instanceof Tuple tuple) {
      return "(" + joined(tuple.items()) + (tuple.items().size() == 1 ? ",)" : ")");
    } else if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return value instanceof Undefined ? "Undefined" : "<" + Values.typeName(value) + ">";
  }

  private static String joined(List<?> items) {
    return items.stream().map(Text::repr).collect(Collectors.joining(", "));
  }

  /** The shortest digits that read back as the same number. */
  static String ofDouble(double number) {
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

  private static String quoted(String string) {
    char quote = string.contains("'") && !string.contains("\"") ? '"' : '\'';
    StringBuilder out = new StringBuilder().append(quote);
    string.codePoints().forEach(c -> appendEscaped(out, c, quote));
    return out.append(quote).toString();
  }

  private static void appendEscaped(StringBuilder out, int c, char quote) {
    if (c == quote || c == '\\') {
      out.append('\\').append((char) c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out.append('\\').append(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else if (c == ' ' || isPrintable(c)) {
      out.appendCodePoint(c);
    } else {
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

  /** Orders texts by code points, which UTF-16 does not. */
  static int compare(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }

  static String repeat(String text, long count) {
    long times = Math.max(0, count);
    Limits.checkText(text.isEmpty() ? 0 : Math.multiplyExact(times, (long) text.length()));
    return text.isEmpty() ? "" : text.repeat((int) times);
  }

  static String concat(String a, String b) {
    Limits.checkText((long) a.length() + b.length());
    return a + b;
  }

  static String join(String separator, List<String> parts) {
    Limits.checkText(
        (long) separator.length() * parts.size() + parts.stream().mapToLong(String::length).sum());
    return String.join(separator, parts);
  }
}
