package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static final Figure STEP = Figure.ratio("step / bound").atMost(1.1);
  private static final Figure TIME = Figure.of("step", "ms");

  private final Samples samples = new Samples();

  @AfterEach
  void forget() {
    samples.beforeIteration(null, null);
  }

  @Test
  void givesTheMedianOfAnIteration() {
    Samples.add(STEP, 1);
    Samples.add(TIME, 70);
    Samples.add(STEP, 30); // the machine paused
    Samples.add(STEP, 1.2);
    List<FigureResult> results = samples.afterIteration(null, null, null);
    assertThat(results).extracting(FigureResult::figure).containsExactly(STEP, TIME);
    assertThat(results).extracting(FigureResult::getScore).containsExactly(1.2, 70.0);
  }

  @Test
  void beginsEveryIterationAnew() {
    Samples.add(STEP, 1);
    samples.beforeIteration(null, null);
    Samples.add(STEP, 3);
    assertThat(samples.afterIteration(null, null, null))
        .extracting(FigureResult::getScore)
        .containsExactly(3.0);
  }

  @Test
  void iterationsAddUpToTheirMeanAndRange() {
    FigureResult mean =
        new FigureResult(STEP, 1)
            .getIterationAggregator()
            .aggregate(List.of(new FigureResult(STEP, 1), new FigureResult(STEP, 1.5)));
    assertThat(mean.figure()).isEqualTo(STEP);
    assertThat(mean.getScore()).isEqualTo(1.25);
    assertThat(mean.getStatistics().getMin()).isEqualTo(1);
    assertThat(mean.getStatistics().getMax()).isEqualTo(1.5);
  }

  @Test
  void resultsSurviveTheWayFromTheForkedJvm() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new FigureResult(STEP, 1.05));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      FigureResult read = (FigureResult) in.readObject();
      assertThat(read.figure()).isEqualTo(STEP);
      assertThat(read.getScore()).isEqualTo(1.05);
    }
  }
}
