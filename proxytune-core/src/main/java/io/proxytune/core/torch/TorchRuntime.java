package io.proxytune.core.torch;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.DeviceException;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
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
  private static final String THREADS_PROPERTY = "proxytune.threads";

  private static volatile int threads = initialThreads();
  private static final ThreadLocal<ThreadCount> count = ThreadLocal.withInitial(ThreadCount::new);

  private TorchRuntime() {}

  /** More threads than processors would only get in each other's way. */
  private static int initialThreads() {
    int wanted = Integer.getInteger(THREADS_PROPERTY, CpuTopology.usableCores());
    return Math.max(1, Math.min(wanted, Runtime.getRuntime().availableProcessors()));
  }

  /** Loading happens once; a failure is remembered and thrown again. */
  private static final class Natives {
    static final Optional<String> failure = load();

    private static Optional<String> load() {
      try {
        Loader.load(torch.class);
        LargePages.ask();
        return Optional.empty();
      } catch (Throwable e) { // an Error of the native linker, most likely
        logger.debug("LibTorch can't be loaded", e);
        return Optional.of(e.toString());
      }
    }
  }

  /**
   * Loads LibTorch unless that has happened.
   *
   * @throws DeviceException if its native libraries can't be loaded
   */
  public static void load() {
    if (Natives.failure.isPresent()) {
      throw new DeviceException(
          "LibTorch's native libraries can't be loaded on "
              + Loader.getPlatform()
              + ": "
              + Natives.failure.get()
              + ". Is org.bytedeco:pytorch-platform on the class path with the natives of this"
              + " platform? (On the module path, run with --add-modules ALL-MODULE-PATH.)");
    }
  }

  /**
   * Sets how many CPU threads an operation uses, on every thread that decodes from now on.
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
    return count.get().use(threads);
  }

  /** The number of the calling thread's own until closed. */
  public interface ThreadsScope extends AutoCloseable {
    @Override
    void close();
  }

  /** The number that {@link #useThreads} gave the calling thread; 0 for the process's. */
  static int ownThreads() {
    return count.get().own;
  }

  /** Applies the number of threads to the calling thread. */
  public static void applyThreads() {
    count.get().apply();
  }

  /**
   * One thread's number of threads, since OpenMP keeps it for each calling thread. Native code is
   * called only where the number changes.
   */
  private static final class ThreadCount {
    /** What native code was last known to have; 0 if it was never looked at. */
    private int present;

    /** What this thread was given; 0 for the process's number. */
    private int own;

    ThreadsScope use(int wanted) {
      if (present != wanted) {
        present = torch.get_num_threads(); // a caller may have set it besides
      }
      int before = present;
      int outer = own;
      own = wanted;
      set(wanted);
      return () -> {
        own = outer;
        set(before);
      };
    }

    void apply() {
      set(own == 0 ? threads : own);
    }

    private void set(int wanted) {
      if (present == 0) {
        // A thread's first operation takes the number that any thread set last, unless it was asked
        // for before.
        present = torch.get_num_threads();
      }
      if (present != wanted) {
        torch.set_num_threads(wanted);
        present = wanted;
        logger.trace("LibTorch has {} CPU threads on {}", wanted, Thread.currentThread().getName());
      }
    }
  }
}
