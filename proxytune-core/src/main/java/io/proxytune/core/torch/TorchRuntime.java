package io.proxytune.core.torch;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.DeviceException;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads LibTorch once and holds what is set for the whole process. Safe for use by several threads.
 */
public final class TorchRuntime {
  private static final Logger logger = LoggerFactory.getLogger(TorchRuntime.class);

  /** The system property that sets the number of threads before any model is loaded. */
  static final String THREADS_PROPERTY = "proxytune.threads";

  private static volatile int threads = initialThreads();

  /**
   * What {@link ThreadCount} knows of a thread. It stays on callers' threads, and so must be of the
   * JDK's classes alone: one of this library would keep its class loader as long as the thread.
   */
  private static final ThreadLocal<int[]> count = ThreadLocal.withInitial(() -> new int[2]);

  private TorchRuntime() {}

  /** More threads than processors would only get in each other's way. */
  static int initialThreads() {
    int wanted = Integer.getInteger(THREADS_PROPERTY, CpuTopology.usableCores());
    return Math.max(1, Math.min(wanted, Runtime.getRuntime().availableProcessors()));
  }

  /** Loading happens once; a failure is remembered and thrown again. */
  private static final class Natives {
    static final Optional<String> failure = load();

    private static Optional<String> load() {
      return TorchLoader.cacheProblem().or(TorchLoader::load).or(MemoryCheck::alreadyOverTheLimit);
    }
  }

  /**
   * Loads LibTorch unless that has happened.
   *
   * @throws DeviceException if its native libraries can't be loaded, or could allocate nothing
   */
  public static void load() {
    if (Natives.failure.isPresent()) {
      throw new DeviceException(Natives.failure.get());
    }
  }

  /**
   * Sets how many CPU threads an operation uses, on every thread that decodes from now on: for
   * tests. Applications have the system property.
   *
   * @param count at least 1
   */
  public static void setThreads(int count) {
    checkArgument(count >= 1, "threads must be >= 1, got %s", count);
    threads = count;
  }

  /**
   * How many CPU threads an operation uses.
   *
   * @return at least 1
   */
  public static int threads() {
    return threads;
  }

  /**
   * Gives freed native memory back to the operating system: without it the C library keeps most of
   * a closed model's weights for later allocations.
   */
  public static void trimMemory() {
    boolean trimmed = Pointer.trimMemory();
    logger.debug("Freed native memory was {}given back", trimmed ? "" : "not ");
  }

  /**
   * Uses a number of threads on the calling thread until closed; then it has the number again that
   * it had before. Close it on the same thread, in reverse order.
   *
   * @param threads at least 1
   * @return what to close
   */
  public static ThreadsScope useThreads(int threads) {
    load();
    return new ThreadCount(count.get()).use(threads);
  }

  /** The number that operators on the calling thread use. */
  static int presentThreads() {
    int own = ownThreads();
    return own == 0 ? threads : own;
  }

  /** The number of the calling thread's own until closed. */
  public interface ThreadsScope extends AutoCloseable {
    @Override
    void close();
  }

  /** The number that {@link #useThreads} gave the calling thread; 0 for the process's. */
  static int ownThreads() {
    return new ThreadCount(count.get()).own();
  }

  /** Applies the number of threads to the calling thread. */
  public static void applyThreads() {
    new ThreadCount(count.get()).apply();
  }

  /**
   * One thread's number of threads, since OpenMP keeps it for each calling thread. Native code is
   * called only where the number changes.
   *
   * <p>It has two numbers: what native code was last known to have, 0 if it was never looked at;
   * and what this thread was given, 0 for the process's number.
   */
  private static final class ThreadCount {
    private static final int PRESENT = 0;
    private static final int OWN = 1;

    private final int[] numbers;

    ThreadCount(int[] numbers) {
      this.numbers = numbers;
    }

    int own() {
      return numbers[OWN];
    }

    ThreadsScope use(int wanted) {
      if (numbers[PRESENT] != wanted) {
        numbers[PRESENT] = torch.get_num_threads(); // a caller may have set it besides
      }
      int before = numbers[PRESENT];
      int outer = numbers[OWN];
      numbers[OWN] = wanted;
      set(wanted);
      return () -> {
        numbers[OWN] = outer;
        set(before);
      };
    }

    void apply() {
      set(own() == 0 ? threads : own());
    }

    private void set(int wanted) {
      if (numbers[PRESENT] == 0) {
        // A thread's first operation takes the number that any thread set last, unless it was asked
        // for before.
        numbers[PRESENT] = torch.get_num_threads();
      }
      if (numbers[PRESENT] != wanted) {
        torch.set_num_threads(wanted);
        numbers[PRESENT] = wanted;
        logger.trace("LibTorch has {} CPU threads on {}", wanted, Thread.currentThread().getName());
      }
    }
  }
}
