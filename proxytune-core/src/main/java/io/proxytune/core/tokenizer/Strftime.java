package io.proxytune.core.tokenizer;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** C's {@code strftime} for English dates, as Python's {@code datetime} has it. */
final class Strftime {
  private static final Pattern DIRECTIVE = Pattern.compile("%(-?)([a-zA-Z%])");

  private Strftime() {}

  /**
   * Writes a time.
   *
   * @param format text with directives such as {@code %d %b %Y}; unknown ones stay as they are
   * @param time the time
   * @return the text
   */
  static String format(String format, LocalDateTime time) {
    return DIRECTIVE
        .matcher(format)
        .replaceAll(
            match -> {
              String value = directive(match.group(2).charAt(0), match.group(), time);
              boolean unpadded = !match.group(1).isEmpty() && value.length() > 1;
              return Matcher.quoteReplacement(
                  unpadded ? value.replaceFirst("^0+(?=.)", "") : value);
            });
  }

  private static String directive(char directive, String text, LocalDateTime time) {
    return switch (directive) {
      case 'a' -> pattern("EEE", time);
      case 'A' -> pattern("EEEE", time);
      case 'b', 'h' -> pattern("MMM", time);
      case 'B' -> pattern("MMMM", time);
      case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
      case 'd' -> pattern("dd", time);
      case 'D', 'x' -> pattern("MM/dd/yy", time);
      case 'e' -> pattern("ppd", time);
      case 'f' -> pattern("SSSSSS", time);
      case 'F' -> pattern("yyyy-MM-dd", time);
      case 'H' -> pattern("HH", time);
      case 'I' -> pattern("hh", time);
      case 'j' -> pattern("DDD", time);
      case 'm' -> pattern("MM", time);
      case 'M' -> pattern("mm", time);
      case 'n' -> "\n";
      case 'p' -> pattern("a", time);
      case 'R' -> pattern("HH:mm", time);
      case 'S' -> pattern("ss", time);
      case 't' -> "\t";
      case 'T', 'X' -> pattern("HH:mm:ss", time);
      case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
      case 'U' -> week(time, 0);
      case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
      case 'W' -> week(time, 1);
      case 'y' -> pattern("yy", time);
      case 'Y' -> String.valueOf(time.get(ChronoField.YEAR));
      case 'z', 'Z' -> ""; // Python's local time without a zone
      case '%' -> "%";
      default -> text;
    };
  }

  /** The week of the year, where weeks begin with Sunday (0) or Monday (1). */
  private static String week(LocalDateTime time, int firstDay) {
    int daysSinceFirst = Math.floorMod(time.getDayOfWeek().getValue() - firstDay, 7);
    return String.format(Locale.ROOT, "%02d", (time.getDayOfYear() + 6 - daysSinceFirst) / 7);
  }

  private static String pattern(String pattern, LocalDateTime time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
  }
}
