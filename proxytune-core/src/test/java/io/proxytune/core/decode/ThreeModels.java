package io.proxytune.core.decode;

import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.tuner.TunerFixture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A base and a pair whose rows are known by their seeds, and the check that nothing stays open. */
abstract class ThreeModels {
  static final int WIDTH = 40;

  final TunerFixture fixture = new TunerFixture();
  final FakeModel base = FakeModel.hashed("base", 1);
  final FakeModel expert = FakeModel.hashed("expert", 2);
  final FakeModel antiExpert = FakeModel.hashed("anti", 3);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  /** {@code base + α · (expert − anti-expert)} after some ids. */
  static float[] fused(List<Integer> history, double alpha) {
    float[] row = FakeModel.hashedRow(history, 1, WIDTH);
    float[] expertRow = FakeModel.hashedRow(history, 2, WIDTH);
    float[] antiRow = FakeModel.hashedRow(history, 3, WIDTH);
    for (int id = 0; id < WIDTH; id++) {
      row[id] += (float) (alpha * (expertRow[id] - antiRow[id]));
    }
    return row;
  }
}
