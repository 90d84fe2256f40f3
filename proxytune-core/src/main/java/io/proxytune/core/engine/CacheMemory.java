package io.proxytune.core.engine;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** The memory of the KV caches of begun texts. Safe for use by several threads. */
final class CacheMemory {
  private final OptionalLong limit;
  private final AtomicLong used = new AtomicLong();

  CacheMemory(OptionalLong limit) {
    this.limit = limit;
  }

  /** Whether so much could be had if nothing were used. */
  boolean holds(long bytes) {
    return bytes <= limit.orElse(Long.MAX_VALUE);
  }

  /** Takes so much, unless it is not there. */
  boolean tryTake(long bytes) {
    long most = limit.orElse(Long.MAX_VALUE) - bytes;
    return used.getAndUpdate(before -> before <= most ? before + bytes : before) <= most;
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long limit() {
    return limit.orElse(Long.MAX_VALUE);
  }
}
