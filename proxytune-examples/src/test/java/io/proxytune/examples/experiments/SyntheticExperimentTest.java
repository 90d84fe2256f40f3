package io.proxytune.examples.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Score;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.TinyCheckpoint;
import io.proxytune.examples.TorchEngine;
import io.proxytune.examples.experiments.SyntheticExperiment.Point;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticExperimentTest {
  @TempDir private Path folder;

  /** The likelihood that is reported beside each token is what scoring the text gives. */
  @Test
  void theBasesLikelihoodIsItsScore() {
    try (LogitSource base = TorchModels.load(TinyCheckpoint.write(folder.resolve("base"), 1));
        ProxyTuner plain = new TorchEngine().tuner(base, List.of(), 512)) {
      SyntheticExperiment experiment = new SyntheticExperiment(new TorchEngine(), base, 5);
      int compared = 0;
      for (String word : TinyCheckpoint.WORDS.subList(7, 20)) {
        Point point = experiment.at(2, experiment.raising("light"), List.of(word));
        if (point.sample().split(" ", -1).length == 5) { // special tokens leave no text to score
          Score score = plain.score(Prompt.of(word), " " + point.sample());
          assertThat(point.logprob()).as(word).isCloseTo(score.perToken(), within(1e-4));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(3);
    }
  }

  private static Point point(double strength, double logprob) {
    return new Point(strength, logprob, 0, "");
  }

  @Test
  void aTextBreaksWhereItIsTenTimesAsPerplexing() {
    double step = Math.log(10);
    assertThat(
            SyntheticReport.breaksAt(
                List.of(
                    point(0, -1), point(1, -0.99 - step), point(2, -1.01 - step), point(4, -9))))
        .hasValue(2);
    assertThat(SyntheticReport.breaksAt(List.of(point(0, -1), point(8, -2)))).isEmpty();
  }

  @Test
  void anOffsetIsShownWithoutItsMean() {
    Offset offset = Offset.between(new float[] {5, 1, 3, 9}, new float[] {1, 1, 1});
    assertThat(offset.raised(2)).containsExactly(new Offset.Shift(0, 2), new Offset.Shift(2, 0));
    assertThat(offset.lowered(1)).containsExactly(new Offset.Shift(1, -2));
  }

  @Test
  void logprobsSumToOneAndSurviveLargeLogits() {
    double[] logprobs = NextLogits.logprobs(new float[] {1000, 1000, Float.NEGATIVE_INFINITY});
    assertThat(logprobs[0]).isCloseTo(Math.log(0.5), within(1e-12));
    assertThat(logprobs[2]).isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
