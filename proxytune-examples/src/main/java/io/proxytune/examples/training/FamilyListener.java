package io.proxytune.examples.training;

import io.proxytune.core.training.TrainingProgress;
import java.time.Duration;

/** Hears how the training of a family goes, and may stop it. Called on the thread that trains. */
public interface FamilyListener {
  /**
   * A stage begins, or is passed over as it is complete.
   *
   * @param stage which one
   * @param complete whether nothing is left to do
   */
  void onStage(Stage stage, boolean complete);

  /**
   * A step is done.
   *
   * @param stage of which model
   * @param progress how far that stage is
   * @param remaining an estimate of the time until the whole family is trained
   */
  void onStep(Stage stage, TrainingProgress progress, Duration remaining);

  /**
   * Asked before each step.
   *
   * @return whether to stop
   */
  boolean stopRequested();
}
