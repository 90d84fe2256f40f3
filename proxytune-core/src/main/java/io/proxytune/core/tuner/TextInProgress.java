package io.proxytune.core.tuner;

import io.proxytune.Generation;
import io.proxytune.Token;
import io.proxytune.core.decode.RequestControl;
import io.proxytune.core.decode.Sequence;
import io.proxytune.core.engine.Engine;
import io.proxytune.core.engine.Request;
import io.proxytune.core.lifetime.Closeables;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A text that is decoded as it is read, with all that it holds. It does not know the stream that an
 * application reads it through, so that it can be ended when that one is forgotten.
 *
 * <p>One thread reads; any thread may end it.
 */
final class TextInProgress {
  private final Engine engine;
  private final Request request;
  private final Sequence sequence;
  private final RequestControl control;
  private final ThreadSetup setup;
  private final Consumer<TextInProgress> onEnd;
  private final RequestWatch watch;
  private final ReaderLock lock = new ReaderLock();

  /** This and what follows belong to the thread that holds the lock. */
  private @Nullable Throwable failure;

  private int read;

  /** Set by any thread; who gives the lock back acts on it. */
  private volatile boolean endAsked;

  /**
   * Wraps a sequence.
   *
   * @param engine runs its steps
   * @param request a request of this sequence alone
   * @param setup what holds on a thread that reads, while it does
   * @param watch is told of the first token and the end
   * @param onEnd called at least once when nothing is held any more
   */
  TextInProgress(
      Engine engine,
      Request request,
      Sequence sequence,
      ThreadSetup setup,
      RequestWatch watch,
      Consumer<TextInProgress> onEnd) {
    this.engine = engine;
    this.request = request;
    this.sequence = sequence;
    this.control = sequence.control();
    this.setup = setup;
    this.watch = watch;
    this.onEnd = onEnd;
  }

  boolean hasNext() {
    return exclusively(this::advance);
  }

  /** The next token, if there is one. */
  Optional<Token> next() {
    return exclusively(
        () -> advance() ? Optional.of(sequence.tokens().get(read++)) : Optional.empty());
  }

  /** Decodes what is left. */
  Generation result() {
    return exclusively(
        () -> {
          while (!sequence.isFinished()) {
            step(true);
          }
          return sequence.toGeneration();
        });
  }

  private boolean advance() {
    while (read == sequence.tokens().size() && !sequence.isFinished()) {
      step(false);
    }
    return read < sequence.tokens().size();
  }

  /** Takes the next token, if nothing ends the text before: after a step where none was picked. */
  private void step(boolean untilEnd) {
    control.end().ifPresent(sequence::finish);
    if (!sequence.isFinished() && !sequence.hasPicked()) {
      engine.advance(request, untilEnd && !watch.awaitsToken());
    }
    if (!sequence.isFinished()) {
      int before = sequence.tokens().size();
      sequence.take();
      if (sequence.tokens().size() > before) {
        watch.token();
      }
    }
  }

  /**
   * Ends the text as cancelled, and frees what it holds, as {@link #endNow()}.
   *
   * @return whether this call was what ended it
   */
  boolean cancel() {
    control.cancel();
    return endNow();
  }

  /**
   * Ends the text, as cancelled or because the tuner was closed, and frees what it holds: now, or
   * where a thread is reading, when its step is over.
   *
   * @return whether this call was what ended it
   */
  boolean endNow() {
    endAsked = true;
    return settle();
  }

  /**
   * Runs an action of the engine's, unless a thread reads or the text has ended.
   *
   * @param action what gives memory back
   * @return what it returned
   */
  boolean unlessRead(BooleanSupplier action) {
    if (!lock.tryLockUnlessRead()) {
      return false;
    }
    try {
      return !hasEnded() && action.getAsBoolean();
    } catch (RuntimeException | Error e) {
      fail(e);
      return true;
    } finally {
      leave();
    }
  }

  private <T> T exclusively(Supplier<T> action) {
    lock.lockToRead();
    try (ThreadSetup.Undo undo = setup.enter()) {
      throwFailure();
      return action.get();
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    } finally {
      leave();
    }
  }

  private void throwFailure() {
    if (failure instanceof RuntimeException e) {
      throw e;
    } else if (failure instanceof Error e) {
      throw e;
    }
  }

  private void fail(Throwable e) {
    if (failure == null) {
      failure = e;
      Closeables.quietly(e, request);
    }
  }

  private boolean hasEnded() {
    return sequence.isFinished() || failure != null;
  }

  private void leave() {
    boolean ended = hasEnded();
    Throwable why = failure;
    lock.unlock();
    if (ended) {
      engine.forget(request);
      onEnd.accept(this);
      tellEnd(why);
    } else if (endAsked) {
      settle();
    }
  }

  private void tellEnd(@Nullable Throwable why) {
    if (why != null) {
      watch.failed(why);
    } else if (watch.awaitsEnd()) {
      watch.finished(List.of(sequence.toGeneration()));
    }
  }

  private boolean settle() {
    if (!lock.tryLockUnlessRead()) {
      return false;
    }
    boolean goesOn = !hasEnded();
    try {
      if (goesOn) {
        control.end().ifPresent(sequence::finish);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      leave();
    }
    return goesOn;
  }
}
