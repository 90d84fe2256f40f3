package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How long a server is waited for: immutable.
 *
 * <p>All that is asked of a server can be asked again without harm. So a request is repeated, after
 * a pause that doubles each time and is partly random, where the connection broke, the answer was
 * cut short or did not come in time, or the server said that it failed (status 500, 502, 504) or
 * has too much to do (429). A server that says that it is loading (503), or that can't be reached,
 * is waited for. Any other refusal is final.
 *
 * @param connectTimeout the longest wait for a connection
 * @param answerTimeout the longest wait for a whole answer
 * @param startTimeout the longest wait for a server that is loading, being restarted, or not
 *     reachable, from the first such answer to a request on
 * @param retries how often a request that failed otherwise is repeated at most, at least 0
 */
public record ServerSettings(
    Duration connectTimeout, Duration answerTimeout, Duration startTimeout, int retries) {
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final ServerSettings DEFAULTS =
      new ServerSettings(Duration.ofSeconds(10), Duration.ofMinutes(2), Duration.ofMinutes(2), 4);

  public ServerSettings {
    check(connectTimeout, "connectTimeout", 1);
    check(answerTimeout, "answerTimeout", 1);
    check(startTimeout, "startTimeout", 0);
    checkArgument(retries >= 0, "retries must be >= 0, got %s", retries);
  }

  private static void check(Duration given, String name, long leastMillis) {
    checkArgument(
        given.compareTo(Duration.ofMillis(leastMillis)) >= 0 && given.compareTo(LONGEST) <= 0,
        "%s must be from %s ms to a year, got %s",
        name,
        leastMillis,
        given);
  }

  /**
   * 10 seconds to connect, 2 minutes for an answer, 2 minutes for a server that starts, and 4
   * repeats.
   *
   * @return the settings
   */
  public static ServerSettings defaults() {
    return DEFAULTS;
  }

  /**
   * With another longest wait for a connection.
   *
   * @param timeout at least a millisecond
   * @return new settings
   */
  public ServerSettings withConnectTimeout(Duration timeout) {
    return new ServerSettings(timeout, answerTimeout, startTimeout, retries);
  }

  /**
   * With another longest wait for a whole answer.
   *
   * @param timeout at least a millisecond
   * @return new settings
   */
  public ServerSettings withAnswerTimeout(Duration timeout) {
    return new ServerSettings(connectTimeout, timeout, startTimeout, retries);
  }

  /**
   * With another longest wait for a server that is not there yet.
   *
   * @param timeout 0 not to wait
   * @return new settings
   */
  public ServerSettings withStartTimeout(Duration timeout) {
    return new ServerSettings(connectTimeout, answerTimeout, timeout, retries);
  }

  /**
   * With another number of repeats.
   *
   * @param count at least 0
   * @return new settings
   */
  public ServerSettings withRetries(int count) {
    return new ServerSettings(connectTimeout, answerTimeout, startTimeout, count);
  }
}
