package io.proxytune.core.offsets;

import java.util.concurrent.atomic.LongAdder;

/** Counts what is done. Safe for use by several threads. */
final class Counters {
  final LongAdder connections = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder steps = new LongAdder();
  final LongAdder rows = new LongAdder();
  final LongAdder tokens = new LongAdder();
  final LongAdder passes = new LongAdder();

  OffsetStats stats() {
    return new OffsetStats(
        connections.sum(),
        requests.sum(),
        failures.sum(),
        steps.sum(),
        rows.sum(),
        tokens.sum(),
        passes.sum());
  }
}
