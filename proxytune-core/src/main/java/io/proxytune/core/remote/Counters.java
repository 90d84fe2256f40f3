package io.proxytune.core.remote;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** Counts for {@link ServerStats}. Safe for use by several threads. */
final class Counters {
  private final LongAdder rows = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder repeated = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder shown = new LongAdder();
  private final DoubleAdder missing = new DoubleAdder();
  private final LongAdder unmapped = new LongAdder();
  private final LongAdder certified = new LongAdder();
  private final LongAdder uncertified = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** A request is sent, which was sent so often before. */
  void sent(int before) {
    requests.increment();
    if (before > 0) {
      repeated.increment();
    }
  }

  void bytes(long count) {
    bytes.add(count);
  }

  void answered(int promptTokens, Row row) {
    rows.increment();
    tokens.add(promptTokens);
    shown.add(row.count());
    unmapped.add(row.unmapped());
    if (row.count() < row.values().length) {
      missing.add(row.bound().missing());
    }
  }

  void picked(boolean isCertified) {
    (isCertified ? certified : uncertified).increment();
  }

  void dropped() {
    dropped.increment();
  }

  ServerStats stats() {
    return new ServerStats(
        rows.sum(),
        requests.sum(),
        repeated.sum(),
        tokens.sum(),
        bytes.sum(),
        shown.sum(),
        missing.sum(),
        unmapped.sum(),
        certified.sum(),
        uncertified.sum(),
        dropped.sum());
  }
}
