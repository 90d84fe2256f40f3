package io.proxytune.core.training;

/**
 * Hears how training goes, and may stop it. Called on the thread that trains: a slow listener slows
 * training down.
 */
@FunctionalInterface
public interface TrainingListener {
  /**
   * A step is done.
   *
   * @param progress how far training is
   */
  void onStep(TrainingProgress progress);

  /**
   * Asked before each step. If the answer is yes, the thread is interrupted or the JVM is told to
   * end, the state is saved and training returns an incomplete report; the same call goes on from
   * there another time.
   *
   * @return whether to stop
   */
  default boolean stopRequested() {
    return false;
  }

  /**
   * Hears nothing.
   *
   * @return the listener
   */
  static TrainingListener none() {
    return progress -> {};
  }
}
