package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How many requests are decoded together. Requests of a tuner, and of tuners that share a base, the
 * same settings and number of threads, run in one batch: they join and leave between two steps. A
 * request begins when its first token is asked for, first come, first served. Immutable.
 *
 * @param maxSequences the most texts that are decoded together; more wait for a place. A stream has
 *     a place only while its reader waits for a token
 * @param stepTokens the most tokens that a model reads in a step, over all texts: one of each text
 *     that goes on, chunks of prompts, and drafted tokens where that leaves room for some
 * @param cacheBytes the most memory that the KV caches of all begun texts may take together; a
 *     request waits until there is room for it. Where others wait for room, a stream that nobody
 *     reads gives its caches up, and reads its text again when its reader comes back. Unless given,
 *     half of the memory that is free when the first of them begins, on Linux, where the base is on
 *     the CPU; then a request that needs more than that begins when no other runs
 * @param maxQueued the most requests that wait to begin
 * @param longestWait what becomes of a request that finds so many waiting: it waits at most so long
 *     to begin, and then fails with a {@link BusyException}; 0 refuses it at once, and nothing lets
 *     it wait as long as it takes
 */
public record Batching(
    int maxSequences,
    int stepTokens,
    OptionalLong cacheBytes,
    int maxQueued,
    Optional<Duration> longestWait) {
  private static final Batching DEFAULTS =
      new Batching(64, 1024, OptionalLong.empty(), 1024, Optional.empty());

  public Batching {
    checkArgument(maxSequences >= 1, "maxSequences must be >= 1, got %s", maxSequences);
    checkArgument(
        stepTokens >= maxSequences,
        "stepTokens must be at least maxSequences, %s, since each text reads a token, got %s",
        maxSequences,
        stepTokens);
    requireNonNull(cacheBytes, "cacheBytes");
    checkArgument(
        cacheBytes.orElse(1) >= 1, "cacheBytes must be >= 1, got %s", cacheBytes.orElse(1));
    checkArgument(maxQueued >= 0, "maxQueued must be >= 0, got %s", maxQueued);
    requireNonNull(longestWait, "longestWait");
    longestWait.ifPresent(
        wait -> checkArgument(!wait.isNegative(), "longestWait must be >= 0, got %s", wait));
  }

  /**
   * 64 texts, 1024 tokens a step, half of the memory that is free, and 1024 requests that wait as
   * long as it takes.
   *
   * @return the settings
   */
  public static Batching defaults() {
    return DEFAULTS;
  }

  /**
   * The same with another number of texts; where {@link #stepTokens} is less, it becomes as many.
   *
   * @param count at least 1; with 1, requests are decoded one after the other
   * @return new settings
   */
  public Batching withMaxSequences(int count) {
    return new Batching(count, Math.max(count, stepTokens), cacheBytes, maxQueued, longestWait);
  }

  /**
   * The same with another bound of a step.
   *
   * @param tokens at least {@link #maxSequences}
   * @return new settings
   */
  public Batching withStepTokens(int tokens) {
    return new Batching(maxSequences, tokens, cacheBytes, maxQueued, longestWait);
  }

  /**
   * The same with a bound of the KV caches.
   *
   * @param bytes at least 1
   * @return new settings
   */
  public Batching withCacheBytes(long bytes) {
    return new Batching(maxSequences, stepTokens, OptionalLong.of(bytes), maxQueued, longestWait);
  }

  /**
   * The same without a bound of the KV caches: a request fails that the machine has no memory for.
   *
   * @return new settings
   */
  public Batching withUnboundedCache() {
    return withCacheBytes(Long.MAX_VALUE);
  }

  /**
   * The same with another length of the queue.
   *
   * @param requests at least 0
   * @return new settings
   */
  public Batching withMaxQueued(int requests) {
    return new Batching(maxSequences, stepTokens, cacheBytes, requests, longestWait);
  }

  /**
   * The same where a request that finds the queue full waits at most so long.
   *
   * @param wait at least 0, which refuses at once
   * @return new settings
   */
  public Batching withLongestWait(Duration wait) {
    return new Batching(maxSequences, stepTokens, cacheBytes, maxQueued, Optional.of(wait));
  }
}
