package io.proxytune;

import static java.util.Objects.requireNonNull;

import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A text for reactive callers: each subscriber gets a text of its own, decoded as fast as it
 * requests tokens and no faster. Cancelling the subscription ends the text at its next step.
 *
 * <p>Tokens that were requested are decoded on a thread of the executor, one subscriber's on one
 * thread at a time; without a request none is taken. The executor's thread is kept while tokens are
 * decoded, so it should not be one that must not wait.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class TokenPublisher implements Flow.Publisher<Token> {
  private final ProxyTuner tuner;
  private final Prompt prompt;
  private final GenerationOptions options;
  private final Executor executor;

  /**
   * Describes the text; nothing is decoded before a subscriber asks for it.
   *
   * @param tuner decodes the texts; the caller closes it
   * @param prompt what each model reads
   * @param options what is asked for
   * @param executor runs the decoding, such as a pool of threads or virtual ones
   */
  public TokenPublisher(
      ProxyTuner tuner, Prompt prompt, GenerationOptions options, Executor executor) {
    this.tuner = requireNonNull(tuner, "tuner");
    this.prompt = requireNonNull(prompt, "prompt");
    this.options = requireNonNull(options, "options");
    this.executor = requireNonNull(executor, "executor");
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Token> subscriber) {
    Text text = new Text(requireNonNull(subscriber, "subscriber"));
    subscriber.onSubscribe(text);
    text.start();
  }

  /**
   * The text of one subscriber. Whoever raises {@link #signals} from 0 sets a task on its way,
   * which works until no signal is left: so there is one at a time, and it alone calls the
   * subscriber.
   */
  private final class Text implements Flow.Subscription {
    /** One stands for {@code onSubscribe}, which no other call may overtake. */
    private final AtomicInteger signals = new AtomicInteger(1);

    private final AtomicLong demand = new AtomicLong();
    private volatile boolean cancelled;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable TokenStream stream;

    /** Null when the text has ended, so that nothing is kept of who read it. */
    private Flow.@Nullable Subscriber<? super Token> subscriber;

    Text(Flow.Subscriber<? super Token> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      if (count > 0) {
        demand.accumulateAndGet(count, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
      } else {
        failure =
            new IllegalArgumentException(
                "a subscriber must request at least 1 token, got " + count);
      }
      signal();
    }

    @Override
    public void cancel() {
      cancelled = true;
      TokenStream open = stream;
      if (open != null) {
        open.cancel();
      }
      signal();
    }

    private void signal() {
      if (signals.getAndIncrement() == 0) {
        start();
      }
    }

    /** Begins to work; called by who raised the signals. */
    void start() {
      try {
        executor.execute(this::work);
      } catch (RejectedExecutionException e) {
        failure = e;
        work(); // what is left to do is to tell it
      }
    }

    private void work() {
      int seen = signals.get();
      do {
        Flow.Subscriber<? super Token> reader = subscriber;
        if (reader != null) {
          serve(reader);
        }
        seen = signals.addAndGet(-seen);
      } while (seen != 0);
    }

    private void serve(Flow.Subscriber<? super Token> reader) {
      boolean goesOn = false;
      try {
        goesOn = advance(reader);
      } finally {
        if (!goesOn) {
          end();
        }
      }
    }

    /** Gives the reader what it asked for; tells whether more may follow. */
    private boolean advance(Flow.Subscriber<? super Token> reader) {
      while (!cancelled && failure == null) {
        Iterator<Token> tokens = tokens();
        if (tokens == null || cancelled || demand.get() == 0) {
          break;
        }
        Token next = next(tokens);
        if (next != null) {
          demand.decrementAndGet();
          reader.onNext(next);
        } else if (failure == null && !cancelled) {
          reader.onComplete();
          return false;
        }
      }
      Throwable why = failure;
      if (why != null && !cancelled) {
        reader.onError(why);
      }
      return !cancelled && why == null;
    }

    private @Nullable Iterator<Token> tokens() {
      try {
        TokenStream open = stream;
        if (open == null) {
          open = tuner.stream(prompt, options);
          stream = open;
        }
        return open.iterator();
      } catch (RuntimeException | Error e) {
        failure = e;
        return null;
      }
    }

    private @Nullable Token next(Iterator<Token> tokens) {
      try {
        return tokens.hasNext() ? tokens.next() : null;
      } catch (RuntimeException | Error e) {
        failure = e;
        return null;
      }
    }

    private void end() {
      subscriber = null;
      TokenStream open = stream;
      if (open != null) {
        open.close();
      }
    }
  }
}
