package io.proxytune.examples.training;

import io.proxytune.core.training.TrainingData;
import io.proxytune.examples.cli.Usage;

/** Sets data aside that is only measured on. */
final class HeldOut {
  private HeldOut() {}

  /** Refuses what is no share, before anything is read. */
  static void check(double share) {
    Usage.check(share >= 0 && share < 1, "--held-out-share must be in [0, 1), got %s", share);
  }

  /** Takes a share of the data; 0 takes none. */
  static TrainingData share(TrainingData data, double share, long seed) {
    return share == 0 || data.sequences().size() < 2 ? data : data.holdOut(share, seed);
  }
}
