package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Generation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A text to come, which what is called while it decodes can't wait for. Safe for any thread. */
final class PendingGeneration extends CompletableFuture<Generation> {
  private volatile @Nullable Thread decoding;

  /** The calling thread decodes from here on. */
  void begin() {
    decoding = Thread.currentThread();
  }

  void end() {
    decoding = null;
  }

  private void requireAnotherThread() {
    checkState(
        isDone() || decoding != Thread.currentThread(),
        "this result is being decoded by this very call: what is called while it decodes, such as a"
            + " sampler, a processor or a model, may cancel it, but not wait for it");
  }

  @Override
  public Generation get() throws InterruptedException, ExecutionException {
    requireAnotherThread();
    return super.get();
  }

  @Override
  public Generation get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    requireAnotherThread();
    return super.get(timeout, unit);
  }

  @Override
  public Generation join() {
    requireAnotherThread();
    return super.join();
  }
}
