package io.proxytune.examples.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Series over common points of an axis: immutable.
 *
 * @param kind lines or groups of bars
 * @param title what it shows
 * @param description what a person who can't see it should know
 * @param axis the points
 * @param yLabel what the values are
 * @param series at least one, each with a value a point
 * @param range the least and greatest y
 */
public record Chart(
    Kind kind,
    String title,
    String description,
    Axis axis,
    String yLabel,
    List<Series> series,
    Range range)
    implements Report.Block {
  /** How values are drawn. */
  public enum Kind {
    LINES,
    BARS
  }

  /** The ends of the y axis. */
  public record Range(double low, double high) {
    /** For fractions. */
    public static final Range UNIT = new Range(0, 1);

    public Range {
      checkArgument(low < high, "low must be < high, got %s and %s", low, high);
    }

    /** Where a value lies between the ends, from 0 to 1; beyond them it stays at the nearer. */
    double place(double value) {
      return Math.min(1, Math.max(0, (value - low) / (high - low)));
    }

    double at(double place) {
      return low + place * (high - low);
    }
  }

  /** What a person who can't see it is told: what it shows, and how each series goes. */
  String spoken() {
    StringBuilder spoken = new StringBuilder(description);
    for (Series one : series) {
      spoken.append(' ').append(one.spoken(axis.points()));
    }
    return spoken.toString();
  }

  public Chart {
    series = List.copyOf(series);
    checkArgument(axis.size() > 0 && !series.isEmpty(), "chart \"%s\" has nothing to show", title);
    for (Series one : series) {
      checkArgument(
          one.values().size() == axis.size(),
          "chart \"%s\", series %s: expected %s values, got %s",
          title,
          one.name(),
          axis.size(),
          one.values().size());
    }
  }
}
