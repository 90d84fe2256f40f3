package io.proxytune.core.torch;

import com.google.common.util.concurrent.Uninterruptibles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * Threads for native work, and reading, that is not parallel itself; they end with it. Safe for use
 * by several threads.
 */
public final class Workers {
  private Workers() {}

  /**
   * Does pieces of work at the same time: the first on the calling thread, each other one on a
   * thread of its own.
   *
   * @param work the pieces; none may be parallel itself
   * @param results gets the results in order, on the calling thread, also those of pieces that were
   *     done when another failed
   * @throws RuntimeException or an Error, what the first piece that failed threw, when all have
   *     ended
   */
  public static <T> void all(List<Callable<T>> work, Consumer<T> results) {
    List<FutureTask<T>> tasks = work.stream().map(FutureTask::new).toList();
    List<Throwable> failures = new ArrayList<>();
    tasks.stream().skip(1).forEach(Workers::start);
    tasks.stream().limit(1).forEach(FutureTask::run);
    for (FutureTask<T> task : tasks) {
      try {
        results.accept(Uninterruptibles.getUninterruptibly(task));
      } catch (ExecutionException e) {
        failures.add(e.getCause());
      }
    }
    rethrowFirst(failures);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(null, task, "proxytune-pack", 0, false);
    thread.setDaemon(true);
    thread.start();
  }

  private static void rethrowFirst(List<Throwable> failures) {
    if (failures.isEmpty()) {
      return;
    }
    if (failures.get(0) instanceof Error error) {
      throw error;
    }
    if (failures.get(0) instanceof RuntimeException failure) {
      throw failure;
    }
    throw new IllegalStateException(failures.get(0));
  }
}
