package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("processor")
class TopKTest {
  /** Whole blocks, a rest after them, too few of them, and none. */
  private static final int[] WIDTHS = {5, 320, 321, 351, 4096, 9001, 50_257};

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Rows.class)
  void listsTheLargestLogitsAndTheirIds(Rows rows) {
    Random random = new Random(6);
    for (int width : WIDTHS) {
      float[] row = rows.make(width, random);
      IntStream.range(0, width).forEach(id -> row[id] += 0f); // −0 ties with 0
      float[] sorted = row.clone();
      Arrays.sort(sorted);
      for (int k : new int[] {1, 5, Math.min(width, 140), width}) {
        double[] both = top(row, k);
        int[] ids = IntStream.range(k, 2 * k).map(i -> (int) both[i]).toArray();
        float[] logits = new float[k];
        for (int i = 0; i < k; i++) {
          logits[i] = row[ids[i]];
          assertThat((float) both[i]).as("%s of %s, width %s", i, k, width).isEqualTo(logits[i]);
        }
        Arrays.sort(logits);
        assertThat(logits).isEqualTo(Arrays.copyOfRange(sorted, width - k, width));
        assertThat(ids).doesNotHaveDuplicates();
      }
    }
  }

  private static double[] top(float[] row, int k) {
    try (TorchScope scope = TorchScope.open()) {
      Tensor logits = HeapTensors.upload(Logits.of(row.length, row)).select(0, 0);
      TopK top = TopK.of(logits, k);
      return HeapTensors.doubles(top.logits(), top.ids());
    }
  }
}
