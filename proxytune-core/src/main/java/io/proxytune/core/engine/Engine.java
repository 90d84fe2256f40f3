package io.proxytune.core.engine;

import static java.util.Objects.requireNonNull;

import io.proxytune.Batching;
import io.proxytune.BusyException;
import io.proxytune.core.decode.DecodeStep;
import io.proxytune.core.decode.DecodeStep.Share;
import io.proxytune.core.decode.RequestControl;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the texts of many requests together. It has no thread: of those that wait for a token,
 * one runs a step for all, wakes those that the step had something for, and hands over when its own
 * request has what it came for. So a request that is alone runs on its own thread, and who does not
 * ask takes part in no step.
 *
 * <p>Safe for use by several threads. The application's code never runs on another request's
 * thread.
 */
public final class Engine {
  /** The longest wait for a reader that usually comes back at once. */
  private static final long MOST_PATIENCE = TimeUnit.MILLISECONDS.toNanos(2);

  /** The part of a step's time that may be waited for readers. */
  private static final int PATIENCE = 32;

  /** How often it is looked whether there is memory, where all wait for some. */
  private static final long BLOCKED_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** A stream that got its last token longer ago does not keep prompts from a whole step. */
  private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A stream that got its last token longer ago gives its memory to those that wait for some. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Batching limits;
  private final Schedule schedule;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrivals = lock.newCondition();

  /** Requests whose readers wait, those that have something excepted. */
  private final Set<Request> waiting =
      new LinkedHashSet<>(); // guarded by the lock, as what follows

  private @Nullable Request leader;
  private long arrived;
  private long nextStep = 1;
  private int expected;

  /** Streams whose readers have a token and may come back for the next, longest away first. */
  private final Set<Request> away = new LinkedHashSet<>();

  private long servedAt;
  private long stepNanos;

  /**
   * Begins idle.
   *
   * @param limits how much is decoded together
   * @param freeBytes the memory that is free for KV caches, if that is known
   */
  public Engine(Batching limits, Supplier<OptionalLong> freeBytes) {
    this.limits = limits;
    this.schedule = new Schedule(limits, new CacheMemory(limits.cacheBytes(), freeBytes));
  }

  /**
   * Waits until a request has something for its reader: tokens to take, or its end. Meanwhile the
   * calling thread may run steps, for others too.
   *
   * @param request a request that goes on and has no token to take
   * @param untilEnd whether to wait for its end, if taking its tokens is not left to the reader
   * @throws BusyException if too many requests wait
   */
  public void advance(Request request, boolean untilEnd) {
    Waiting reader = request.reader;
    lock.lock();
    try {
      arrive(request, untilEnd);
      while (!reader.ready) {
        if (leader == null) {
          leader = request;
        }
        if (leader == request) {
          runStep();
        } else {
          await(request);
        }
      }
    } finally {
      depart(request);
      lock.unlock();
    }
    throwFailure(request);
  }

  private static void throwFailure(Request request) {
    Throwable failure = request.failure();
    if (failure instanceof RuntimeException e) {
      throw e;
    } else if (failure instanceof Error e) {
      throw e;
    }
  }

  private void arrive(Request request, boolean untilEnd) {
    Waiting reader = request.reader;
    reader.arrive(Thread.currentThread());
    reader.ready = false;
    reader.untilEnd = untilEnd && !request.readerTakes();
    if (reader.number == 0) {
      reader.number = ++arrived;
      reader.wake = lock.newCondition();
      queue(request);
    }
    reader.isPrompt = comeBack(request) || System.nanoTime() - reader.leftAt <= patience();
    waiting.add(request);
    arrivals.signal();
  }

  /** A reader is no longer away; whether it was expected for the next step. */
  private boolean comeBack(Request request) {
    Waiting reader = request.reader;
    away.remove(request);
    boolean inTime = reader.expectedFor == nextStep;
    reader.expectedFor = 0;
    expected -= inTime ? 1 : 0;
    return inTime;
  }

  /** A new request, which may have to wait for its turn. */
  private void queue(Request request) {
    long begun = waiting.stream().filter(each -> !each.isQueued()).count();
    long queued = waiting.size() - begun;
    long free = Math.max(0, limits.maxSequences() - begun);
    if (queued - free < limits.maxQueued() || limits.longestWait().isEmpty()) {
      return;
    }
    long wait = limits.longestWait().get().toNanos();
    if (wait == 0) {
      throw busy(request);
    }
    request.reader.giveUpAt = System.nanoTime() + wait;
  }

  private BusyException busy(Request request) {
    String waited =
        limits.longestWait().filter(wait -> !wait.isZero()).map(w -> " after " + w).orElse("");
    return new BusyException(
        String.format(
            "this request is refused%s: %d are waiting to begin, and at most %d texts are decoded"
                + " together. Ask again later, or raise Batching.withMaxQueued, withMaxSequences or"
                + " withLongestWait",
            waited,
            waiting.stream().filter(each -> each != request && each.isQueued()).count(),
            limits.maxSequences()));
  }

  /** Waits to be woken; what interrupts the thread ends the request at the next step. */
  @SuppressWarnings("WaitNotInLoop") // the caller has the loop
  private void await(Request request) {
    Waiting reader = request.reader;
    Condition wake = requireNonNull(reader.wake);
    try {
      if (reader.isInterrupted() && !Thread.currentThread().isInterrupted()) {
        wake.awaitUninterruptibly();
      } else if (reader.giveUpAt == null || !request.isQueued()) {
        wake.await();
      } else {
        awaitTurn(request, wake, reader.giveUpAt);
      }
    } catch (InterruptedException e) {
      reader.interrupt();
      arrivals.signal();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the caller has the loop
  private void awaitTurn(Request request, Condition wake, long giveUpAt)
      throws InterruptedException {
    if (wake.awaitNanos(giveUpAt - System.nanoTime()) <= 0 && request.giveUp()) {
      throw busy(request);
    }
  }

  /** Gives the lock up while a step runs. */
  @SuppressWarnings("LockNotBeforeTry") // it is taken again
  private void runStep() {
    awaitExpected();
    List<Request> present = List.copyOf(waiting);
    int othersGoOn = System.nanoTime() - servedAt < SOON_NANOS ? away.size() : 0;
    List<Request> idle = idle();
    lock.unlock();
    List<Share> shares = List.of();
    long nanos = 0;
    try {
      shares = begin(present, othersGoOn, idle);
      nanos = run(present, shares);
    } finally {
      lock.lock();
      publish(present, nanos);
    }
    if (shares.isEmpty() && present.stream().noneMatch(request -> request.reader.ready)) {
      pause();
    }
  }

  /** Streams that hold memory and are not read, longest away first. */
  private List<Request> idle() {
    long now = System.nanoTime();
    return away.stream().takeWhile(each -> now - each.reader.leftAt >= IDLE_NANOS).toList();
  }

  /** Readers that come back at once are waited for, so that a batch does not fall apart. */
  private void awaitExpected() {
    long left = patience();
    while (expected > 0 && left > 0) {
      try {
        left = arrivals.awaitNanos(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        left = 0;
      }
    }
    expected = 0;
    nextStep++;
  }

  private long patience() {
    return Math.min(stepNanos / PATIENCE, MOST_PATIENCE);
  }

  /** Everything waits for memory, which streams hold that nobody reads. */
  @SuppressWarnings("WaitNotInLoop") // the caller looks again
  private void pause() {
    try {
      long unused = arrivals.awaitNanos(BLOCKED_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Share> begin(List<Request> present, int othersGoOn, List<Request> idle) {
    present.forEach(Request::endIfAsked);
    List<Request> goingOn = present.stream().filter(request -> !request.hasEnded()).toList();
    return schedule.next(goingOn, othersGoOn, idle);
  }

  /** Runs a step without the lock. Whatever fails ends up with those whom it concerns. */
  private long run(List<Request> present, List<Share> shares) {
    if (shares.isEmpty()) {
      return 0;
    }
    Map<RequestControl, Request> byControl = new LinkedHashMap<>();
    present.forEach(request -> byControl.put(request.control(), request));
    long start = System.nanoTime();
    try {
      DecodeStep.run(shares, schedule.draftTokens())
          .forEach(
              (control, failure) ->
                  Optional.ofNullable(byControl.get(control)).ifPresent(r -> end(r, failure)));
    } catch (RuntimeException | Error e) {
      shares.stream()
          .map(share -> byControl.get(share.member().control()))
          .distinct()
          .forEach(request -> Optional.ofNullable(request).ifPresent(r -> r.fail(e)));
    }
    long nanos = System.nanoTime() - start;
    schedule.ran(shares, nanos);
    present.stream().filter(request -> request.reader.untilEnd).forEach(Engine::takeAll);
    return nanos;
  }

  /** Where a pass was given up because a request ends, that is how the request ends. */
  private static void end(Request request, RuntimeException failure) {
    if (failure instanceof CancellationException) {
      request.endIfAsked();
    }
    if (!request.hasEnded()) {
      request.fail(failure);
    }
  }

  private static void takeAll(Request request) {
    try {
      request.takeAll();
    } catch (RuntimeException | Error e) {
      request.fail(e);
    }
  }

  private void publish(Collection<Request> present, long nanos) {
    if (nanos > 0) {
      stepNanos = nanos;
    }
    for (Request request : present) {
      Waiting reader = request.reader;
      boolean ended = request.hasEnded();
      reader.ready = ended || (!reader.untilEnd && request.hasPicked());
      if (reader.ready) {
        waiting.remove(request);
        requireNonNull(reader.wake).signal();
        if (!ended) {
          leave(request);
        }
      }
    }
  }

  /** A reader has a token, and probably comes back. */
  private void leave(Request request) {
    Waiting reader = request.reader;
    if (reader.isPrompt) {
      reader.expectedFor = nextStep;
      expected++;
    }
    away.add(request);
    servedAt = System.nanoTime();
    reader.leftAt = servedAt;
  }

  private void depart(Request request) {
    waiting.remove(request);
    request.reader.leave();
    if (leader == request) {
      leader = successor();
      if (leader != null) {
        requireNonNull(leader.reader.wake).signal();
      }
    }
  }

  /** Rather one that waits for its end, since it runs many steps before it hands over again. */
  private @Nullable Request successor() {
    return waiting.stream()
        .filter(request -> request.reader.untilEnd)
        .findFirst()
        .or(() -> waiting.stream().findFirst())
        .orElse(null);
  }

  /**
   * How many readers wait.
   *
   * @return their number, with the one that runs a step
   */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A request has ended, and its reader does not come back.
   *
   * @param request the request
   */
  public void forget(Request request) {
    lock.lock();
    try {
      if (comeBack(request)) {
        arrivals.signal();
      }
    } finally {
      lock.unlock();
    }
  }
}
