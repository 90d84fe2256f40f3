package io.proxytune.core.decode;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.FinishReason;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What can end a request from outside: a cancellation, its time limit, the end of the tuner. Any
 * thread may cancel; the decoding thread asks.
 */
public final class RequestControl {
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final BooleanSupplier tunerClosed;
  private final LongSupplier clock;
  private final long start;
  private final long limitNanos;
  private volatile boolean cancelled;

  /**
   * Begins a request now.
   *
   * @param tunerClosed whether the tuner is closed
   * @param clock nanoseconds from any origin, as {@link System#nanoTime()}
   * @param timeLimit the request's time limit, if any
   */
  public RequestControl(
      BooleanSupplier tunerClosed, LongSupplier clock, Optional<Duration> timeLimit) {
    this.tunerClosed = tunerClosed;
    this.clock = clock;
    this.start = clock.getAsLong();
    this.limitNanos =
        timeLimit.filter(limit -> limit.compareTo(LONGEST) < 0).orElse(LONGEST).toNanos();
  }

  /** Ends the request at its next token. Any thread may call it. */
  public void cancel() {
    cancelled = true;
  }

  /** The time since the request began. */
  Duration elapsed() {
    return Duration.ofNanos(clock.getAsLong() - start);
  }

  /**
   * The clock's time.
   *
   * @return nanoseconds from any origin
   */
  public long nanos() {
    return clock.getAsLong();
  }

  /**
   * Whether the request is to end now.
   *
   * @param interrupted whether the thread that asked for it is interrupted
   * @return why, if it is
   * @throws IllegalStateException if the tuner was closed
   */
  public Optional<FinishReason> end(boolean interrupted) {
    checkState(!tunerClosed.getAsBoolean(), "the tuner was closed while generating");
    if (cancelled || interrupted) {
      return Optional.of(FinishReason.CANCELLED);
    }
    return clock.getAsLong() - start >= limitNanos
        ? Optional.of(FinishReason.DEADLINE)
        : Optional.empty();
  }

  /**
   * The same for a request of the calling thread, which stays interrupted.
   *
   * @return why to end now, if it is to
   * @throws IllegalStateException if the tuner was closed
   */
  public Optional<FinishReason> end() {
    return end(Thread.currentThread().isInterrupted());
  }
}
