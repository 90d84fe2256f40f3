package io.proxytune.examples.diagnosis;

import io.proxytune.examples.report.Figures;
import io.proxytune.examples.statistics.Interval;
import java.util.Locale;
import java.util.Optional;

/**
 * A number that a finding rests on: immutable.
 *
 * @param name what it is, for people
 * @param id the same for programs
 * @param value NaN where it could not be told
 * @param unit what it counts
 * @param interval at 95 %, where there is one
 * @param limit what it was compared with; nothing where it only stands beside the others
 */
public record Figure(
    String name,
    String id,
    double value,
    Unit unit,
    Optional<Interval> interval,
    Optional<Limit> limit) {

  /** What a figure counts. */
  public enum Unit {
    SHARE(""),
    NATS(" nats"),
    MILLISECONDS(" ms"),
    RATIO("");

    private final String suffix;

    Unit(String suffix) {
      this.suffix = suffix;
    }

    private String text(double value) {
      return this == SHARE ? Figures.fraction(value) : digits(value);
    }

    /** Three of them: rounding in float32 is far below what two decimals show. */
    private static String digits(double value) {
      return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3g", value) : "-";
    }
  }

  /**
   * A threshold.
   *
   * @param most whether it is the most that is well, or the least
   * @param value where the figure is a signature beyond
   */
  public record Limit(boolean most, double value) {}

  static Figure of(String name, String id, Unit unit, double value) {
    return new Figure(name, id, value, unit, Optional.empty(), Optional.empty());
  }

  static Figure of(String name, String id, Unit unit, Texts.Estimate estimate) {
    return new Figure(name, id, estimate.value(), unit, estimate.interval(), Optional.empty());
  }

  Figure atMost(double value) {
    return new Figure(name, id, this.value, unit, interval, Optional.of(new Limit(true, value)));
  }

  Figure atLeast(double value) {
    return new Figure(name, id, this.value, unit, interval, Optional.of(new Limit(false, value)));
  }

  /** Whether it is beyond its limit. */
  public boolean isBeyond() {
    return limit.isPresent()
        && (limit.get().most() ? value > limit.get().value() : value < limit.get().value());
  }

  /** Whether the limit lies within the interval, so that more texts could say otherwise. */
  public boolean isClose() {
    return limit.isPresent()
        && interval.isPresent()
        && interval.get().low() <= limit.get().value()
        && limit.get().value() <= interval.get().high();
  }

  /** The value with its interval and unit. */
  String valueText() {
    return unit.text(value)
        + interval
            .map(it -> " (" + unit.text(it.low()) + " to " + unit.text(it.high()) + ")")
            .orElse("")
        + (Double.isFinite(value) ? unit.suffix : "");
  }

  /** Such as {@code at most .20}. */
  String limitText() {
    return limit
        .map(it -> (it.most() ? "at most " : "at least ") + unit.text(it.value()))
        .orElse("");
  }
}
