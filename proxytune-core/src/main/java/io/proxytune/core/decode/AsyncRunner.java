package io.proxytune.core.decode;

import io.proxytune.Generation;
import io.proxytune.TokenStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Runs requests on daemon threads, which start with the first requests and end when idle. Safe for
 * use by several threads.
 */
final class AsyncRunner implements AutoCloseable {
  private static final int IDLE_SECONDS = 30;

  private final ThreadPoolExecutor executor;

  AsyncRunner(int threads) {
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            daemons());
    executor.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory daemons() {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "proxytune-async-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Runs a text to its end on one of the threads. When the future is cancelled, or completed by
   * someone else, the text ends at its next step.
   *
   * @param begin begins the text, on the calling thread
   * @return the result, or what went wrong
   */
  CompletableFuture<Generation> submit(Supplier<? extends TokenStream> begin) {
    CompletableFuture<Generation> future = new CompletableFuture<>();
    try {
      TokenStream stream = begin.get();
      var unused = future.whenComplete((generation, failure) -> stream.cancel());
      enqueue(stream, future);
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
    return future;
  }

  private void enqueue(TokenStream stream, CompletableFuture<Generation> future) {
    try {
      executor.execute(() -> run(stream, future));
    } catch (RejectedExecutionException e) {
      stream.close();
      throw new IllegalStateException("this tuner is closed", e);
    }
  }

  private static void run(TokenStream stream, CompletableFuture<Generation> future) {
    try {
      Generation generation;
      try (stream) {
        generation = stream.result();
      }
      future.complete(generation);
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
  }

  /** Takes no more requests. Those under way end by their own control. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
