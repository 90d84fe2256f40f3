package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/** What may be spent on a server. Safe for use by several threads. */
final class Ceiling {
  private final long requests;
  private final long tokens;
  private long requestsSpent; // guarded by this, as what follows
  private long tokensSpent;

  Ceiling(long requests, long tokens) {
    checkArgument(requests >= 1, "the most requests must be >= 1, got %s", requests);
    checkArgument(tokens >= 1, "the most tokens must be >= 1, got %s", tokens);
    this.requests = requests;
    this.tokens = tokens;
  }

  static Ceiling none() {
    return new Ceiling(Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /**
   * Spends a request.
   *
   * @throws ServerException if it would be too much; nothing is spent then
   */
  synchronized void spend(long more, String server) {
    if (requestsSpent >= requests || more > tokens - tokensSpent) {
      throw new ServerException(
          String.format(
              Locale.ROOT,
              "another request to %s would be more than was allowed: %d of %d requests and %d of %d"
                  + " tokens are spent. Raise ceiling(...) to go on",
              server,
              requestsSpent,
              requests,
              tokensSpent,
              tokens),
          null);
    }
    requestsSpent++;
    tokensSpent += more;
  }
}
