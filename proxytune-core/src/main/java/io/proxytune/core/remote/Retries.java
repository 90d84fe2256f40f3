package io.proxytune.core.remote;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether and when one request is sent again. For one attempt at a time, each of which happens
 * before the next.
 */
final class Retries {
  private static final Logger logger = LoggerFactory.getLogger(Retries.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int DOUBLINGS = 10;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int LOADING = 503;

  private final String server;
  private final ApiKey key;
  private final ServerSettings settings;
  private final LongSupplier clock;
  private final DoubleSupplier random;
  private int sent;
  private int failures;
  private int absences;

  /** When it was first not there, if it was. */
  private Optional<Long> absentSince = Optional.empty();

  Retries(String server, ApiKey key, ServerSettings settings) {
    this(server, key, settings, System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
  }

  Retries(
      String server,
      ApiKey key,
      ServerSettings settings,
      LongSupplier clock,
      DoubleSupplier random) {
    this.server = server;
    this.key = key;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /** How often it was sent before. */
  int sent() {
    return sent++;
  }

  /**
   * How long to wait after a refusal.
   *
   * @throws ServerException if it is final
   */
  Duration pauseAfter(Reply<?> reply) {
    String said = key.hiddenIn(reply.refusal());
    String what = "answered " + reply.status() + (said.isEmpty() ? "" : " (" + said + ")");
    Optional<Duration> asked = reply.retryAfter();
    return switch (reply.status()) {
      case LOADING -> afterAbsence(what, asked, reply.status());
      case TOO_MANY_REQUESTS, 500, 502, 504 -> afterFailure(what, asked, reply.status());
      default ->
          throw new ServerException(
              "the server " + server + " " + what + adviceFor(reply.status()), reply.status());
    };
  }

  /**
   * How long to wait after a broken connection or an answer that did not come.
   *
   * @throws ServerException if it is final
   */
  Duration pauseAfter(Throwable failure) {
    List<Throwable> causes = Throwables.getCausalChain(failure);
    if (causes.stream().anyMatch(UnresolvedAddressException.class::isInstance)) {
      throw new ServerException(
          "no host of the name in " + server + " is known: check the address", failure);
    }
    if (failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException) {
      return afterAbsence("can't be reached", Optional.empty(), 0);
    }
    Optional<Throwable> malformed =
        causes.stream().filter(MalformedAnswerException.class::isInstance).findFirst();
    if (malformed.isPresent()) {
      throw new ServerException(
          "the server "
              + server
              + " does not answer as expected: "
              + key.hiddenIn(String.valueOf(malformed.get().getMessage())),
          failure);
    }
    if (failure instanceof TimeoutException) {
      String late = "gave no whole answer within " + settings.answerTimeout().toMillis() + " ms";
      return afterFailure(late, Optional.empty(), 0);
    }
    if (failure instanceof IOException) {
      String what = "broke off its answer (" + key.hiddenIn(text(failure)) + ")";
      return afterFailure(what, Optional.empty(), 0);
    }
    throw new ServerException("a request to the server " + server + " failed: " + failure, failure);
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  private static String adviceFor(int status) {
    return switch (status) {
      case 401, 403 ->
          ": give the key that it asks for with apiKeyFile(...) or apiKeyVariable(...)";
      case 404 -> ": check the address, which may need a prefix, and what kind of server it is";
      default -> "";
    };
  }

  private Duration afterAbsence(String what, Optional<Duration> asked, int status) {
    long now = clock.getAsLong();
    if (absentSince.isEmpty()) {
      logger.info("the server {} {}: waiting for it", server, what);
    }
    Duration waited = Duration.ofNanos(now - absentSince.orElse(now));
    absentSince = Optional.of(absentSince.orElse(now));
    Duration pause = pause(absences++, asked);
    if (waited.plus(pause).compareTo(settings.startTimeout()) > 0) {
      throw failed(
          String.format(
              "the server %s %s, and that was waited for up to %d ms: start it, check the address,"
                  + " or raise ServerSettings.withStartTimeout(...)",
              server, what, settings.startTimeout().toMillis()),
          status);
    }
    return pause;
  }

  private Duration afterFailure(String what, Optional<Duration> asked, int status) {
    absentSince = Optional.empty(); // it was there
    Duration pause = pause(failures, asked);
    boolean tooLate = asked.isPresent() && pause.compareTo(settings.answerTimeout()) > 0;
    if (failures++ >= settings.retries() || tooLate) {
      throw failed(
          String.format(
              "the server %s %s, %s: see its log, or change ServerSettings",
              server,
              what,
              tooLate
                  ? "and asks to wait longer than answerTimeout, "
                      + settings.answerTimeout().toMillis()
                      + " ms"
                  : "at the last of " + failures + " attempts"),
          status);
    }
    return pause;
  }

  private static ServerException failed(String message, int status) {
    return status == 0 ? new ServerException(message, null) : new ServerException(message, status);
  }

  /**
   * Doubles each time; the second half of it is random, so that many who failed don't return at
   * once.
   */
  private Duration pause(int before, Optional<Duration> asked) {
    double doubled = FIRST_PAUSE.toMillis() * (double) (1L << Math.min(before, DOUBLINGS));
    double most = Math.min(doubled, (double) LONGEST_PAUSE.toMillis());
    Duration own = Duration.ofMillis((long) (most / 2 * (1 + random.getAsDouble())));
    return asked.filter(given -> given.compareTo(own) > 0).orElse(own);
  }
}
