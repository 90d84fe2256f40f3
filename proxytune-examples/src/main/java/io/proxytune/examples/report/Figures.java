package io.proxytune.examples.report;

import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.Proportion;
import java.util.Locale;
import java.util.Optional;

/** How numbers are spelled, the same in every locale. */
public final class Figures {
  private Figures() {}

  /** A fraction such as {@code .85}, or {@code 1.00}; a dash where there is none. */
  public static String fraction(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    String text = String.format(Locale.ROOT, "%.2f", value);
    text = text.equals("-0.00") ? "0.00" : text;
    return text.replaceFirst("^(-?)0\\.", "$1.");
  }

  /** A fraction with its interval, such as {@code .85 (.80 to .89)}. */
  public static String fraction(double value, Interval interval) {
    return fraction(value) + " (" + range(interval) + ")";
  }

  /** A proportion with its Wilson interval. */
  public static String fraction(Proportion proportion) {
    return fraction(proportion.value(), proportion.wilson());
  }

  /** An interval such as {@code .80 to .89}. */
  public static String range(Interval interval) {
    return fraction(interval.low()) + " to " + fraction(interval.high());
  }

  /** A difference of fractions with its sign, such as {@code +.021}. */
  public static String difference(double value) {
    return String.format(Locale.ROOT, "%+.3f", value + 0.0).replaceFirst("0\\.", ".");
  }

  /** The ends of a difference, such as {@code -.001 to +.048}; a dash where there are none. */
  public static String ofDifference(Optional<Interval> interval) {
    return interval.map(it -> difference(it.low()) + " to " + difference(it.high())).orElse("-");
  }

  /** A number with as many decimals as asked for. */
  public static String number(double value, int decimals) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A parameter such as α without idle zeros: 1, 0.25. */
  public static String parameter(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
