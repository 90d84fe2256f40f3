package io.proxytune.core.engine;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The memory of the KV caches of begun texts. The thread that runs steps takes of it; any may give
 * back.
 */
final class CacheMemory {
  /** The rest of what is free is for what steps compute, for other models and other programs. */
  private static final int PART_OF_FREE = 2;

  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final OptionalLong given;
  private final Supplier<OptionalLong> free;
  private final AtomicLong used = new AtomicLong();
  private long limit;
  private long measuredAt;
  private boolean measured;

  /**
   * Nothing is used.
   *
   * @param given the most that may be used
   * @param free what is free now, asked where no limit was given
   */
  CacheMemory(OptionalLong given, Supplier<OptionalLong> free) {
    this.given = given;
    this.free = free;
    this.limit = given.orElse(Long.MAX_VALUE);
  }

  /** Whether so much could be had if nothing were used; a limit that was measured refuses none. */
  boolean holds(long bytes) {
    return given.isEmpty() || bytes <= limit;
  }

  /** Takes so much, unless it is not there. */
  boolean tryTake(long bytes) {
    boolean alone = used.get() == 0;
    if (alone) {
      measure();
    }
    boolean fits = used.get() <= limit - bytes || (alone && holds(bytes));
    used.addAndGet(fits ? bytes : 0);
    return fits;
  }

  /** Only while nothing is used: what is free then is all that there is. */
  private void measure() {
    if (given.isPresent() || (measured && System.nanoTime() - measuredAt < MEASURED_NANOS)) {
      return;
    }
    OptionalLong bytes = free.get();
    limit = bytes.isPresent() ? bytes.getAsLong() / PART_OF_FREE : Long.MAX_VALUE;
    measuredAt = System.nanoTime();
    measured = true;
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long limit() {
    return limit;
  }
}
