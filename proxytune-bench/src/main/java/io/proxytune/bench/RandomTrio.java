package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.WeightLayout;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;

/**
 * A base and two small models of random weights, whose cost is that of trained ones.
 *
 * @param base 2048 × 22
 * @param expert 768 × 12
 * @param antiExpert 768 × 12
 * @param tuner of the three
 */
record RandomTrio(LogitModel base, LogitModel expert, LogitModel antiExpert, ProxyTuner tuner) {
  /** Loads the models, whose files are written once. */
  static RandomTrio load(Resources resources, WeightLayout layout) {
    return load(resources, ModelShape.BASE, ModelShape.SMALL, layout);
  }

  /** Models of other shapes, their weights seeded alike. */
  static RandomTrio load(
      Resources resources, ModelShape baseShape, ModelShape smallShape, WeightLayout layout) {
    Path data = DataFolder.path();
    LogitModel base = resources.load(RandomCheckpoint.in(data, baseShape, 1), layout);
    LogitModel expert = resources.load(RandomCheckpoint.in(data, smallShape, 2), layout);
    LogitModel antiExpert = resources.load(RandomCheckpoint.in(data, smallShape, 3), layout);
    ProxyTuner tuner =
        resources.add(
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build());
    return new RandomTrio(base, expert, antiExpert, tuner);
  }

  /**
   * Texts of the three, with a prompt of {@link WarmSession#POSITION} tokens.
   *
   * @param resources what closes them
   * @param steps how many tokens are taken from a text, its first one not counted
   */
  EndlessStream stream(Resources resources, GenerationOptions options, int steps) {
    Prompt prompt = Prompt.ofIds(WarmSession.ids(WarmSession.POSITION));
    return resources.add(new EndlessStream(tuner, prompt, options, steps));
  }
}
