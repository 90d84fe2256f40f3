package io.proxytune.core.lifetime;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets so many lines into the log and counts the others: what an application forgets in a loop must
 * not fill its log. Safe for use by several threads.
 */
final class LineBudget {
  static final int AT_ONCE = 10;
  static final long NANOS_A_LINE = TimeUnit.MILLISECONDS.toNanos(100);

  private final LongSupplier clock;
  private long left = AT_ONCE;
  private long since;
  private int unsaid;

  /**
   * Begins with room for some lines.
   *
   * @param clock nanoseconds from any origin
   */
  LineBudget(LongSupplier clock) {
    this.clock = clock;
    this.since = clock.getAsLong();
  }

  /**
   * Asks for a line.
   *
   * @return how many went without one since the last; −1 if this one does, too
   */
  synchronized int take() {
    long grown = (clock.getAsLong() - since) / NANOS_A_LINE;
    since += grown * NANOS_A_LINE;
    left = Math.min(AT_ONCE, left + grown);
    if (left == 0) {
      unsaid++;
      return -1;
    }
    left--;
    int before = unsaid;
    unsaid = 0;
    return before;
  }
}
