package io.proxytune.core.tuner;

import io.proxytune.Generation;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a tuner's listeners of one request; what they throw is logged. Its first token is told of
 * by one thread at a time, the rest by any.
 */
final class RequestWatch {
  private static final Logger logger = LoggerFactory.getLogger(RequestWatch.class);

  /** Where nobody listens: never changed, so that all requests share it. */
  static final RequestWatch NONE =
      new RequestWatch(
          List.of(),
          new GenerationRequest(0, "none", List.of(), 0, GenerationOptions.defaults()),
          () -> 0);

  private final List<GenerationListener> listeners;
  private final GenerationRequest request;
  private final LongSupplier clock;
  private final long start;
  private final AtomicBoolean ended = new AtomicBoolean();
  private boolean awaitsToken = true;

  /**
   * Tells that a request was made.
   *
   * @param clock nanoseconds from any origin
   */
  RequestWatch(List<GenerationListener> listeners, GenerationRequest request, LongSupplier clock) {
    this.listeners = listeners;
    this.request = request;
    this.clock = clock;
    this.start = clock.getAsLong();
    tell((listener, elapsed) -> listener.started(request));
  }

  /** Whether the first token was not told of yet. */
  boolean awaitsToken() {
    return awaitsToken && !listeners.isEmpty();
  }

  /** A token is there. */
  void token() {
    if (awaitsToken()) {
      awaitsToken = false;
      tell((listener, elapsed) -> listener.firstToken(request, elapsed));
    }
  }

  /** Whether someone is to be told of the end, and was not yet. */
  boolean awaitsEnd() {
    return !listeners.isEmpty() && !ended.get();
  }

  void finished(List<Generation> texts) {
    if (awaitsEnd() && ended.compareAndSet(false, true)) {
      tell((listener, elapsed) -> listener.finished(request, texts, elapsed));
    }
  }

  void failed(Throwable cause) {
    if (awaitsEnd() && ended.compareAndSet(false, true)) {
      tell((listener, elapsed) -> listener.failed(request, cause, elapsed));
    }
  }

  private void tell(BiConsumer<GenerationListener, Duration> event) {
    Duration elapsed = Duration.ofNanos(clock.getAsLong() - start);
    for (GenerationListener listener : listeners) {
      try {
        event.accept(listener, elapsed);
      } catch (RuntimeException | Error e) {
        logger.warn("A generation listener ({}) failed", listener.getClass().getName(), e);
      }
    }
  }
}
