package io.proxytune.examples.training;

import io.proxytune.core.training.TrainingData;
import io.proxytune.examples.cli.Usage;

/** Sets data aside that is only measured on. */
final class HeldOut {
  private HeldOut() {}

  /** Takes a share of the data; 0 takes none. */
  static TrainingData share(TrainingData data, double share, long seed) {
    Usage.check(share >= 0 && share < 1, "--held-out-share must be in [0, 1), got %s", share);
    return share == 0 || data.sequences().size() < 2 ? data : data.holdOut(share, seed);
  }
}
