package io.proxytune.core.torch;

import java.util.concurrent.locks.ReentrantLock;
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

  private static void narrowBlas() {
    try {
      blasThreads = hasBlas ? BlasThreads.get() : 0;
      if (blasThreads > 1) {
        BlasThreads.set(1);
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
        BlasThreads.set(blasThreads);
      }
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
