package io.proxytune.bench;

import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import java.nio.file.Path;

/**
 * A base and two small models of random weights, whose cost is that of trained ones.
 *
 * @param base 2048 × 22
 * @param expert 768 × 12
 * @param antiExpert 768 × 12
 * @param tuner of the three
 */
record RandomTrio(LogitSource base, LogitSource expert, LogitSource antiExpert, ProxyTuner tuner) {
  /** Loads the models, whose files are written once. */
  static RandomTrio load(Resources resources) {
    return load(resources, ModelShape.BASE, ModelShape.SMALL);
  }

  /** Models of other shapes, their weights seeded alike. */
  static RandomTrio load(Resources resources, ModelShape baseShape, ModelShape smallShape) {
    Path data = DataFolder.path();
    LogitSource base = resources.load(RandomCheckpoint.in(data, baseShape, 1));
    LogitSource expert = resources.load(RandomCheckpoint.in(data, smallShape, 2));
    LogitSource antiExpert = resources.load(RandomCheckpoint.in(data, smallShape, 3));
    ProxyTuner tuner =
        resources.add(
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build());
    return new RandomTrio(base, expert, antiExpert, tuner);
  }
}
