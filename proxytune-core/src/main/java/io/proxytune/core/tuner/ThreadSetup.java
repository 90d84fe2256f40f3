package io.proxytune.core.tuner;

/**
 * What holds on a thread while a request computes on it, such as the number of threads that an
 * operation uses. Safe for use by several threads.
 */
@FunctionalInterface
public interface ThreadSetup {
  /** Changes nothing. */
  ThreadSetup NONE = () -> () -> {};

  /**
   * Sets up the calling thread.
   *
   * @return what undoes it; closed on the same thread
   */
  Undo enter();

  /** Undoes a setup. */
  interface Undo extends AutoCloseable {
    @Override
    void close();
  }
}
