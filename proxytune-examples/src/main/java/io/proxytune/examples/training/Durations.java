package io.proxytune.examples.training;

import java.time.Duration;
import java.util.Locale;

/** Durations as people say them. */
final class Durations {
  private Durations() {}

  /** "40 s", "12 min" or "1 h 5 min". */
  static String text(Duration duration) {
    long seconds = Math.max(0, Math.round(duration.toMillis() / 1e3));
    if (seconds < 100) {
      return seconds + " s";
    }
    long minutes = Math.round(seconds / 60.0);
    return minutes < 60
        ? minutes + " min"
        : String.format(Locale.ROOT, "%d h %d min", minutes / 60, minutes % 60);
  }
}
