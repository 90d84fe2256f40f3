package io.proxytune.core.offsets;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.model.Logits;

/**
 * What engines may ask for: immutable.
 *
 * @param connections how many may be connected at once, at least 1
 * @param requests how many requests all of them may have at once, at least 1
 * @param chunk the most tokens of prompts that are read beside requests that go on, at least 1
 * @param messageBytes the longest message of an engine, at least 1,024
 * @param cacheBytes the most memory of all requests' KV caches; 0 for half of what is free when the
 *     server starts
 * @param prefixBytes the most memory for what was read of earlier prompts, at least 0
 */
public record OffsetLimits(
    int connections, int requests, int chunk, int messageBytes, long cacheBytes, long prefixBytes) {
  private static final OffsetLimits DEFAULTS =
      new OffsetLimits(4, 1024, 512, 64 << 20, 0, 512L << 20);

  public OffsetLimits {
    checkArgument(connections >= 1, "connections must be >= 1, got %s", connections);
    checkArgument(requests >= 1, "requests must be >= 1, got %s", requests);
    checkArgument(
        chunk >= 1 && chunk <= Logits.MAX_WIDTH,
        "chunk must be in [1, %s], got %s",
        Logits.MAX_WIDTH,
        chunk);
    checkArgument(messageBytes >= 1024, "messageBytes must be >= 1024, got %s", messageBytes);
    checkArgument(cacheBytes >= 0, "cacheBytes must be >= 0, got %s", cacheBytes);
    checkArgument(prefixBytes >= 0, "prefixBytes must be >= 0, got %s", prefixBytes);
  }

  /**
   * 4 connections, 1,024 requests, 512 tokens of prompts beside, messages of 64 MiB, half of the
   * free memory for KV caches, and 512 MiB for earlier prompts.
   *
   * @return the limits
   */
  public static OffsetLimits defaults() {
    return DEFAULTS;
  }

  /**
   * With another number of connections.
   *
   * @param count at least 1
   * @return new limits
   */
  public OffsetLimits withConnections(int count) {
    return new OffsetLimits(count, requests, chunk, messageBytes, cacheBytes, prefixBytes);
  }

  /**
   * With another number of requests.
   *
   * @param count at least 1
   * @return new limits
   */
  public OffsetLimits withRequests(int count) {
    return new OffsetLimits(connections, count, chunk, messageBytes, cacheBytes, prefixBytes);
  }

  /**
   * With another number of prompt tokens at once.
   *
   * @param tokens at least 1
   * @return new limits
   */
  public OffsetLimits withChunk(int tokens) {
    return new OffsetLimits(connections, requests, tokens, messageBytes, cacheBytes, prefixBytes);
  }

  /**
   * With another longest message.
   *
   * @param bytes at least 1,024
   * @return new limits
   */
  public OffsetLimits withMessageBytes(int bytes) {
    return new OffsetLimits(connections, requests, chunk, bytes, cacheBytes, prefixBytes);
  }

  /**
   * With another memory for KV caches.
   *
   * @param bytes the most; 0 for half of what is free when the server starts
   * @return new limits
   */
  public OffsetLimits withCacheBytes(long bytes) {
    return new OffsetLimits(connections, requests, chunk, messageBytes, bytes, prefixBytes);
  }

  /**
   * With another memory for earlier prompts.
   *
   * @param bytes the most; 0 to keep nothing
   * @return new limits
   */
  public OffsetLimits withPrefixBytes(long bytes) {
    return new OffsetLimits(connections, requests, chunk, messageBytes, cacheBytes, bytes);
  }
}
