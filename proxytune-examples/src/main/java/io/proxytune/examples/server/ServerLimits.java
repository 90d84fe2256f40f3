package io.proxytune.examples.server;

import java.time.Duration;

/**
 * What a server grants its clients: immutable.
 *
 * @param requests how many requests are answered at once, each by a thread
 * @param queued how many more wait for a thread; others are refused
 * @param bodyBytes the longest body of a request
 * @param headerBytes the longest line and headers of a request
 * @param arrival how long a request's headers may take to arrive, and then its body
 * @param idle how long a connection without a request is kept
 * @param reading how long a client may read nothing of what is sent to it
 * @param grace how long requests may go on when the server ends
 * @param alternatives of how many likeliest tokens log-probabilities are shown
 */
public record ServerLimits(
    int requests,
    int queued,
    int bodyBytes,
    int headerBytes,
    Duration arrival,
    Duration idle,
    Duration reading,
    Duration grace,
    int alternatives) {
  /** As many as OpenAI shows. */
  public static final int MOST_ALTERNATIVES = 20;

  /** What suits a machine that serves several people. */
  public static final ServerLimits USUAL =
      new ServerLimits(
          64,
          256,
          8 << 20,
          32 << 10,
          Duration.ofSeconds(30),
          Duration.ofSeconds(120),
          Duration.ofSeconds(60),
          Duration.ofSeconds(6),
          MOST_ALTERNATIVES);

  /** The same that shows log-probabilities of so many of the likeliest tokens at most. */
  public ServerLimits withAlternatives(int count) {
    return new ServerLimits(
        requests, queued, bodyBytes, headerBytes, arrival, idle, reading, grace, count);
  }
}
