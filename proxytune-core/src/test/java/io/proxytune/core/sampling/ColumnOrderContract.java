package io.proxytune.core.sampling;

import static java.lang.Float.NEGATIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.model.Logits;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Columns in another order. */
public abstract class ColumnOrderContract extends LogitMathContract {
  protected ColumnOrderContract(Backend backend) {
    super(backend);
  }

  @Test
  void takesEachColumnFromItsSource() {
    ColumnOrder order = math.columnOrder(new int[] {2, -1, 0, 0, 1});
    try (Logits rows = logits(new float[] {1, 2, 3, 9}, new float[] {4, 5, NEGATIVE_INFINITY, 9});
        Logits ordered = order.of(rows);
        Logits again = order.of(rows)) {
      assertThat(ordered.rows()).isEqualTo(2);
      assertThat(ordered.width()).isEqualTo(5);
      assertThat(ordered.row(0)).containsExactly(3, NEGATIVE_INFINITY, 1, 1, 2);
      assertThat(ordered.row(1)).containsExactly(NEGATIVE_INFINITY, NEGATIVE_INFINITY, 4, 4, 5);
      assertThat(again.row(0)).isEqualTo(ordered.row(0));
      assertThat(rows.row(0)).as("the rows stay").containsExactly(1, 2, 3, 9);
    }
  }

  @Test
  void theOrderIsTheCallersNoMore() {
    int[] sources = {1, 0};
    ColumnOrder order = math.columnOrder(sources);
    sources[0] = 7;
    try (Logits ordered = order.of(logits(new float[] {1, 2}))) {
      assertThat(ordered.row(0)).containsExactly(2, 1);
    }
  }

  @Test
  void whatIsSaidOfAnIdStaysTheSame() {
    Random random = new Random(3);
    float[] row = new float[50];
    IntStream.range(0, 50).forEach(i -> row[i] = (float) random.nextGaussian());
    int[] sources = IntStream.range(0, 60).map(i -> i < 10 ? -1 : 59 - i).toArray();
    try (Logits rows = logits(row);
        Logits ordered = math.columnOrder(sources).of(rows)) {
      assertThat(math.logprobs(ordered, new int[] {20})[0])
          .isCloseTo(math.logprobs(rows, new int[] {39})[0], within(1e-12));
    }
  }
}
