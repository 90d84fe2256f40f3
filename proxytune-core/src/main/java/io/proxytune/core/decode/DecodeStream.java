package io.proxytune.core.decode;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Generation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A decode loop of one sequence, run as its tokens are read. */
final class DecodeStream implements TokenStream {
  private final DecodeLoop loop;
  private final Sequence sequence;
  private final RequestControl control;
  private final ThreadSetup setup;
  private final Consumer<DecodeStream> onEnd;
  private final Iterator<Token> iterator = new Tokens();

  /** Held by the thread that uses what follows. */
  private final AtomicBoolean busy = new AtomicBoolean();

  private @Nullable Throwable failure;
  private int read;

  /** Set by any thread; who lets go of {@link #busy} acts on it. */
  private volatile boolean endAsked;

  /**
   * Wraps a loop.
   *
   * @param loop a loop of this sequence alone
   * @param setup what holds on a thread that reads, while it does
   * @param onEnd called at least once when nothing is held any more
   */
  DecodeStream(
      DecodeLoop loop,
      Sequence sequence,
      RequestControl control,
      ThreadSetup setup,
      Consumer<DecodeStream> onEnd) {
    this.loop = loop;
    this.sequence = sequence;
    this.control = control;
    this.setup = setup;
    this.onEnd = onEnd;
  }

  private final class Tokens implements Iterator<Token> {
    @Override
    public boolean hasNext() {
      return exclusively(DecodeStream.this::advance);
    }

    @Override
    public Token next() {
      return exclusively(DecodeStream.this::take)
          .orElseThrow(() -> new NoSuchElementException("the text has ended"));
    }
  }

  @Override
  public Iterator<Token> iterator() {
    return iterator;
  }

  @Override
  public void cancel() {
    control.cancel();
  }

  @Override
  public Generation result() {
    return exclusively(
        () -> {
          while (!sequence.isFinished()) {
            loop.step();
          }
          return sequence.toGeneration();
        });
  }

  @Override
  public void close() {
    control.cancel();
    endNow();
  }

  /**
   * Ends the text, as cancelled or because the tuner was closed, and frees what it holds: now, or
   * where a thread is reading, when its step is over.
   */
  void endNow() {
    endAsked = true;
    settle();
  }

  private boolean advance() {
    while (read == sequence.tokens().size() && !sequence.isFinished()) {
      loop.step();
    }
    return read < sequence.tokens().size();
  }

  private Optional<Token> take() {
    return advance() ? Optional.of(sequence.tokens().get(read++)) : Optional.empty();
  }

  private <T> T exclusively(Supplier<T> action) {
    acquire();
    try (ThreadSetup.Undo undo = setup.enter()) {
      throwFailure();
      return action.get();
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    } finally {
      release();
    }
  }

  /** Waits where another thread ends the text, which takes no longer than a step. */
  private void acquire() {
    while (!busy.compareAndSet(false, true)) {
      checkState(
          endAsked,
          "this token stream is being read: one thread reads a stream, others may only cancel it");
      Thread.onSpinWait();
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
      Closing.quietly(e, loop);
    }
  }

  private void release() {
    boolean ended = sequence.isFinished() || failure != null;
    busy.set(false);
    if (ended) {
      onEnd.accept(this);
    } else if (endAsked) {
      settle();
    }
  }

  private void settle() {
    if (!busy.compareAndSet(false, true)) {
      return;
    }
    try {
      if (failure == null && !sequence.isFinished()) {
        loop.step(); // runs no model: the control says to end
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      release();
    }
  }
}
