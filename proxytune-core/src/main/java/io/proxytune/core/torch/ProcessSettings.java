package io.proxytune.core.torch;

import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What LibTorch and its BLAS can be told only for the whole process, while passes on the CPU run:
 * set before the first of them and restored after the last, so that the application's own use finds
 * its own settings.
 *
 * <p>OpenBLAS keeps to one thread. LibTorch calls it inside its own parallel regions; there
 * OpenBLAS's pool of threads waits for cores that LibTorch's threads hold, and a product of
 * microseconds takes milliseconds.
 *
 * <p>Safe for use by several threads: passes run side by side.
 */
public final class ProcessSettings implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ProcessSettings.class);
  private static final ReentrantLock lock = new ReentrantLock();
  private static int running;
  private static int blasThreads;
  private static boolean hasBlas = true;

  private boolean closed;

  private ProcessSettings() {}

  /**
   * Begins a pass.
   *
   * @return its end
   */
  public static ProcessSettings enter() {
    lock.lock();
    try {
      if (running == 0) {
        narrowBlas();
      }
      running++;
      return new ProcessSettings();
    } finally {
      lock.unlock();
    }
  }

  /**
   * OpenBLAS's own number. JavaCPP's function for it knows only what was set by way of JavaCPP, and
   * gives -1 before.
   */
  static int blasThreads() {
    int known = openblas_nolapack.blas_get_num_threads(); // loads OpenBLAS where nobody has
    IntPointer own = OwnNumber.VALUE;
    if (own != null) {
      return own.get(0);
    }
    return known > 0 ? known : Runtime.getRuntime().availableProcessors();
  }

  /** Looked up once, and never freed: it is OpenBLAS's own variable. */
  private static final class OwnNumber {
    static final @Nullable IntPointer VALUE = find();

    private static @Nullable IntPointer find() {
      try (Pointer found = Loader.addressof("blas_cpu_number")) {
        return found == null || found.isNull() ? null : new IntPointer(found).retainReference();
      }
    }
  }

  /** JavaCPP makes an object for each call, and leaves it to the garbage collector. */
  private static void setBlasThreads(int number) {
    try (PointerScope scope = new PointerScope()) {
      openblas_nolapack.blas_set_num_threads(number);
    }
  }

  private static void narrowBlas() {
    try {
      blasThreads = hasBlas ? blasThreads() : 0;
      if (blasThreads > 1) {
        setBlasThreads(1);
      }
    } catch (LinkageError e) { // a LibTorch with another BLAS
      logger.debug("There is no OpenBLAS to set", e);
      hasBlas = false;
      blasThreads = 0;
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed && --running == 0 && blasThreads > 1) {
        setBlasThreads(blasThreads);
      }
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
