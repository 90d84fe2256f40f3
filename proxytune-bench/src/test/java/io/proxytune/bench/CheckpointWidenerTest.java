package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWidenerTest {
  /** Two query heads to a key head. */
  private static final ModelShape TINY = new ModelShape("tiny", 24, 2, 6, 3, 20, 40);

  private static final int[] IDS = {3, 17, 5, 39, 0, 8, 21, 17, 30};

  @TempDir Path temporary;

  @Test
  void keepsTheLogitsOfAGrownModel() throws IOException {
    // Wider by a factor of which the root is no power of two, more key heads and larger groups.
    assertSameLogits(new ModelShape("grown", 80, 5, 20, 5, 36, 64));
  }

  @Test
  void keepsTheLogitsWhereOnlyLayersAreAdded() throws IOException {
    assertSameLogits(new ModelShape("deeper", 24, 4, 6, 3, 20, 40));
  }

  @Tag("slow")
  @Test
  void keepsTheLogitsWhereOnlyTheWidthGrows() throws IOException {
    assertSameLogits(new ModelShape("wider", 48, 2, 12, 3, 20, 40));
  }

  private void assertSameLogits(ModelShape shape) throws IOException {
    Path source = TinyCheckpoint.write(temporary.resolve("source"), TINY, 1);
    Path grown = temporary.resolve("grown");
    CheckpointWidener.widen(source, shape, grown);
    try (LogitModel before = TorchModels.load(source);
        LogitModel after = TorchModels.load(grown)) {
      assertThat(after.width()).isEqualTo(shape.vocabulary());
      assertClose(logits(after), logits(before));
    }
  }

  @Test
  void whatIsAddedIsNotZeroButForWhatWrites() throws IOException {
    Path source = TinyCheckpoint.write(temporary.resolve("source"), TINY, 1);
    Path grown = temporary.resolve("grown");
    ModelShape shape = new ModelShape("grown", 80, 3, 20, 5, 36, 64);
    CheckpointWidener.widen(source, shape, grown);
    assertThat(WeightsFile.shareOfZeros(grown, "model.layers.2.self_attn.q_proj.weight")).isZero();
    assertThat(WeightsFile.shareOfZeros(grown, "model.layers.1.mlp.up_proj.weight")).isZero();
    assertThat(WeightsFile.shareOfZeros(grown, "lm_head.weight")).isZero();
    assertThat(WeightsFile.shareOfZeros(grown, "model.layers.2.mlp.down_proj.weight")).isOne();
  }

  @Tag("slow")
  @Test
  void keepsTheLogitsOfAnAdapter() throws IOException {
    ModelShape shape = new ModelShape("grown", 80, 4, 20, 5, 36, 64);
    Path source = TinyCheckpoint.write(temporary.resolve("source"), TINY, 1);
    Path adapter =
        TinyCheckpoint.writeAdapter(
            temporary.resolve("adapter"), TINY, 4, "q_proj", "v_proj", "o_proj", "down_proj");
    Path grown = temporary.resolve("grown");
    Path grownAdapter = temporary.resolve("grown-adapter");
    CheckpointWidener.widen(source, shape, grown);
    CheckpointWidener.widenAdapter(adapter, source, shape, grownAdapter);
    try (LogitModel before = TorchModels.load(source);
        LogitModel adaptedBefore = TorchModels.loadAdapter(before, adapter);
        LogitModel after = TorchModels.load(grown);
        LogitModel adaptedAfter = TorchModels.loadAdapter(after, grownAdapter)) {
      assertClose(logits(adaptedAfter), logits(adaptedBefore));
      assertThat(logits(adaptedBefore)[0]).isNotEqualTo(logits(before)[0]);
    }
  }

  @Test
  void continuesGreedilyWithTheSameIds() throws IOException {
    Path source = TinyCheckpoint.write(temporary.resolve("source"), TINY, 2);
    Path grown = temporary.resolve("grown");
    CheckpointWidener.widen(source, new ModelShape("grown", 48, 3, 12, 6, 33, 40), grown);
    try (LogitModel before = TorchModels.load(source);
        LogitModel after = TorchModels.load(grown)) {
      assertThat(greedy(after)).isEqualTo(greedy(before));
    }
  }

  @Test
  void refusesAShapeWithOtherHeads() throws IOException {
    Path source = TinyCheckpoint.write(temporary.resolve("source"), TINY, 1);
    ModelShape wideHeads = new ModelShape("wide heads", 48, 2, 6, 3, 20, 40);
    assertThatThrownBy(() -> CheckpointWidener.widen(source, wideHeads, temporary.resolve("no")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width 4")
        .hasMessageContaining("got 8");
  }

  @Test
  void refusesAShapeThatIsSmallerSomewhere() throws IOException {
    Path source = TinyCheckpoint.write(temporary.resolve("source"), TINY, 1);
    ModelShape fewerUnits = new ModelShape("few units", 48, 2, 12, 3, 19, 40);
    assertThatThrownBy(() -> CheckpointWidener.widen(source, fewerUnits, temporary.resolve("no")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can't shrink 20 elements to 19");
  }

  private static float[][] logits(LogitModel model) {
    try (LogitSession session = model.newSession(IDS.length);
        Logits rows = model.forward(List.of(new Segment(session, IDS, Segment.Rows.ALL)))) {
      float[][] all = new float[rows.rows()][];
      Arrays.setAll(all, i -> Arrays.copyOf(rows.row(i), TINY.vocabulary()));
      return all;
    }
  }

  private static int[] greedy(LogitModel model) {
    int[] ids = new int[24];
    ids[0] = 11;
    try (LogitSession session = model.newSession(ids.length)) {
      for (int i = 1; i < ids.length; i++) {
        int[] last = {ids[i - 1]};
        try (Logits row = model.forward(List.of(new Segment(session, last, Segment.Rows.LAST)))) {
          ids[i] = largest(row.row(0));
        }
      }
    }
    return ids;
  }

  private static int largest(float[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      best = row[i] > row[best] ? i : best;
    }
    return best;
  }

  /** To within 1e-4 of the largest. */
  private static void assertClose(float[][] actual, float[][] expected) {
    assertThat(actual).hasDimensions(expected.length, expected[0].length);
    for (int i = 0; i < expected.length; i++) {
      double largest = 0;
      double difference = 0;
      for (int j = 0; j < expected[i].length; j++) {
        largest = Math.max(largest, Math.abs(expected[i][j]));
        difference = Math.max(difference, Math.abs(actual[i][j] - expected[i][j]));
      }
      assertThat(difference / largest).as("row %s", i).isLessThan(1e-4);
    }
  }
}
