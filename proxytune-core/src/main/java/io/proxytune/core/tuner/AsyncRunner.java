package io.proxytune.core.tuner;

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
 * Runs requests on daemon threads, which start with the first requests and end when idle, also
 * those of a runner that nobody closed. Safe for use by several threads.
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
            workers());
    executor.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory workers() {
    AtomicInteger count = new AtomicInteger();
    return task -> new Worker(task, "proxytune-async-" + count.incrementAndGet());
  }

  /** A thread that knows whether it is in the midst of a request. */
  private static final class Worker extends Thread {
    private boolean decoding; // of this thread alone

    Worker(Runnable task, String name) {
      super(task, name);
      setDaemon(true);
    }

    static boolean isDecoding() {
      return Thread.currentThread() instanceof Worker worker && worker.decoding;
    }
  }

  /**
   * Runs a text to its end on one of the threads. When the future is cancelled, or completed by
   * someone else, the text ends at its next step.
   *
   * <p>What a request asks for in its midst, such as in its sampler, is run at once on its thread:
   * behind it in the queue it would wait for the one that waits for it.
   *
   * @param begin begins the text, on the calling thread
   * @return the result, or what went wrong
   */
  CompletableFuture<Generation> submit(Supplier<? extends TokenStream> begin) {
    PendingGeneration future = new PendingGeneration();
    try {
      TokenStream stream = begin.get();
      var unused = future.whenComplete((generation, failure) -> stream.cancel());
      if (Worker.isDecoding()) {
        run(stream, future);
      } else {
        enqueue(stream, future);
      }
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
    return future;
  }

  private void enqueue(TokenStream stream, PendingGeneration future) {
    try {
      executor.execute(() -> run(stream, future));
    } catch (RejectedExecutionException e) {
      stream.close();
      throw new IllegalStateException("this tuner is closed", e);
    }
  }

  private static void run(TokenStream stream, PendingGeneration future) {
    try {
      future.complete(decode(stream, future));
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
  }

  private static Generation decode(TokenStream stream, PendingGeneration future) {
    Worker worker = (Worker) Thread.currentThread();
    boolean outer = worker.decoding;
    worker.decoding = true;
    future.begin();
    try (stream) {
      return stream.result();
    } finally {
      future.end();
      worker.decoding = outer;
    }
  }

  /** Takes no more requests. Those under way end by their own control. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
