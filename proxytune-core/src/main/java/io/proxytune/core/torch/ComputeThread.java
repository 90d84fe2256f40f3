package io.proxytune.core.torch;

import com.google.common.collect.ObjectArrays;
import com.google.common.util.concurrent.Uninterruptibles;
import io.proxytune.DeviceException;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that LibTorch's parallel operators on the CPU run on, whoever asks for them.
 *
 * <p>OpenMP gives each thread that enters a parallel operator workers of its own, and keeps them as
 * long as that thread lives. Once the process has more of them than processors, they all go to
 * sleep between two operators instead of waiting for the next one, and a pass of many short
 * operators takes half as long again: it was enough to load a model on one thread and to decode on
 * another.
 *
 * <p>Work is done in the order in which it arrives; side by side, passes would only share the
 * memory's bandwidth, but for small models' ({@link PassPairs}). No application's code runs here.
 * The thread ends when nothing has come for a while. A JVM that ends waits for the work that runs
 * ({@link ExitGate}).
 *
 * <p>Safe for use by several threads.
 */
public final class ComputeThread {
  static final Duration IDLE = Duration.ofSeconds(30);

  /** Longer than a pass takes, and longer than a JVM takes to be gone when nothing holds it up. */
  private static final ExitGate gate = new ExitGate(Duration.ofSeconds(20), Duration.ofSeconds(2));

  private static final ThreadPoolExecutor executor = executor("proxytune-compute");

  /** For the other half of what {@link #beside} does. */
  private static final ThreadPoolExecutor beside = executor("proxytune-beside");

  private static final List<Runnable> whenIdle = new CopyOnWriteArrayList<>();

  /** To know it by, so that work may ask for work. */
  private static final class Worker extends Thread {
    Worker(Runnable task, String name) {
      super(null, task, name, 0, false); // inherits no values of its starter's
      setDaemon(true);
      setContextClassLoader(ComputeThread.class.getClassLoader());
    }

    @Override
    public void run() {
      Thread hook = new Thread(null, gate::close, "proxytune-exit", 0, false);
      boolean isHooked = hook(hook);
      try {
        super.run();
      } finally {
        whenIdle.forEach(Runnable::run);
        if (isHooked) {
          unhook(hook);
        }
      }
    }

    private static boolean hook(Thread hook) {
      try {
        Runtime.getRuntime().addShutdownHook(hook);
        return true;
      } catch (IllegalStateException hooksHaveBegun) {
        return false; // one of the application's asks for this work, and is waited for
      }
    }

    /** The hook would keep this library's class loader. */
    private static void unhook(Thread hook) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException hooksHaveBegun) {
        // Then it runs, and finds that nothing does.
      }
    }
  }

  private ComputeThread() {}

  private static ThreadPoolExecutor executor(String name) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> worker(task, name));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /**
   * A new thread keeps the protection domains, and so the class loaders, of all whose code is on
   * its starter's stack. Up to here they are this library's, behind it the application's.
   */
  @SuppressWarnings("removal")
  private static Thread worker(Runnable task, String name) {
    return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> new Worker(task, name));
  }

  /** For tests, which can't wait so long: ends the threads after another while. */
  static void endAfter(Duration idle) {
    executor.setKeepAliveTime(idle.toMillis(), TimeUnit.MILLISECONDS);
    beside.setKeepAliveTime(idle.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Has something done each time that nothing has come for a while, such as to free what was kept
   * for work to come.
   *
   * @param action what to do, on the thread that ends
   */
  public static void whenIdle(Runnable action) {
    whenIdle.add(action);
  }

  /**
   * Does work there and waits for it, also if the calling thread is interrupted; that it then still
   * is. Operators use the number of threads that {@link TorchRuntime#useThreads} gave the calling
   * thread, else the process's.
   *
   * @param work what to do; what it throws is thrown on
   * @return its result
   */
  public static <T extends @Nullable Object> T call(Supplier<T> work) {
    if (Thread.currentThread() instanceof Worker) {
      return work.get();
    }
    int threads = TorchRuntime.ownThreads();
    Future<T> result = executor.submit(() -> gate.pass(() -> withThreads(threads, work)));
    try {
      return Uninterruptibles.getUninterruptibly(result);
    } catch (ExecutionException e) {
      throw explained(e.getCause());
    }
  }

  /**
   * Does two pieces of work at the same time, each in a scope: the second one here, on the compute
   * thread, and the first on another. That one may use a single one of LibTorch's threads alone:
   * OpenMP gives it no workers then.
   *
   * @param first must not throw
   * @param second must not throw
   */
  static void beside(Runnable first, Runnable second) {
    Future<?> other = beside.submit(() -> inOwnScope(first));
    try {
      inOwnScope(second);
    } finally {
      join(other);
    }
  }

  private static void inOwnScope(Runnable work) {
    try (TorchScope scope = TorchScope.open()) {
      work.run();
    }
  }

  private static void join(Future<?> work) {
    try {
      Uninterruptibles.getUninterruptibly(work);
    } catch (ExecutionException e) {
      throw explained(e.getCause());
    }
  }

  private static <T extends @Nullable Object> T withThreads(int threads, Supplier<T> work) {
    if (threads == 0) {
      return work.get();
    }
    try (TorchRuntime.ThreadsScope own = TorchRuntime.useThreads(threads)) {
      return work.get();
    }
  }

  /**
   * What work threw, for who asked for it: who reads its stack trace wants to see that, too.
   *
   * @param failure what was thrown on the thread that did the work
   * @return what to throw; an Error is thrown here
   */
  public static RuntimeException explained(@Nullable Throwable failure) {
    if (failure == null) {
      throw new AssertionError("work failed without a cause");
    }
    Optional<String> limit = MemoryCheck.overTheLimit(failure);
    if (limit.isPresent()) {
      return new DeviceException(limit.get(), failure);
    }
    failure.setStackTrace(
        ObjectArrays.concat(
            failure.getStackTrace(), new Throwable().getStackTrace(), StackTraceElement.class));
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure; // a supplier throws no other
  }

  /**
   * Does work there, in a scope.
   *
   * @param work what to do; native objects of its result must be retained
   * @return its result
   */
  public static <T extends @Nullable Object> T inScope(Supplier<T> work) {
    return call(() -> scoped(work));
  }

  /**
   * Does work in a scope: there, or on the calling thread where it is a GPU's.
   *
   * @param tensor one of the work's
   * @param work what to do; native objects of its result must be retained
   * @return its result
   */
  public static <T extends @Nullable Object> T inScopeOf(Tensor tensor, Supplier<T> work) {
    return tensor.is_cuda() ? scoped(work) : inScope(work);
  }

  private static <T extends @Nullable Object> T scoped(Supplier<T> work) {
    try (TorchScope scope = TorchScope.open()) {
      return work.get();
    }
  }
}
