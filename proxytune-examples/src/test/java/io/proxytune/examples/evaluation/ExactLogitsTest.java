package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.WeightLayout;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The shipped family in bfloat16 beside float32, on texts of its test set. Logits that are rounded
 * to bfloat16 tie the likeliest token with the next one here and there, and the lower id is picked.
 */
@Tag("slow")
class ExactLogitsTest {
  private static final int EVERY = 12; // test items

  /** What was seen, with the logits as they are and rounded to bfloat16 afterwards. */
  private static final class Count {
    private int rows;
    private int ties;
    private int tiesIfRounded;
    private int otherPicks;
    private double error;
    private double errorIfRounded;

    void add(float[] row, float[] exact) {
      float[] rounded = rounded(row);
      rows++;
      ties += isTied(row) ? 1 : 0;
      tiesIfRounded += isTied(rounded) ? 1 : 0;
      otherPicks += largest(row) == largest(exact) ? 0 : 1;
      error += distance(row, exact);
      errorIfRounded += distance(rounded, exact);
    }
  }

  private static float[] rounded(float[] row) {
    float[] rounded = new float[row.length];
    for (int id = 0; id < row.length; id++) {
      int bits = Float.floatToRawIntBits(row[id]);
      rounded[id] =
          Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000); // ties to even
    }
    return rounded;
  }

  private static int largest(float[] row) {
    return IntStream.range(0, row.length).reduce(0, (a, b) -> row[b] > row[a] ? b : a);
  }

  private static boolean isTied(float[] row) {
    int best = largest(row);
    return IntStream.range(best + 1, row.length).anyMatch(id -> row[id] == row[best]);
  }

  private static double distance(float[] row, float[] exact) {
    return IntStream.range(0, row.length).mapToDouble(id -> Math.abs(row[id] - exact[id])).sum();
  }

  private static Count count(LogitModel model, LogitModel exact) {
    Count count = new Count();
    List<Item> items = ItemSet.read("test", FamilyFolder.require(null).data("test")).items();
    for (int i = 0; i < items.size(); i += EVERY) {
      String text = items.get(i).prompt() + " " + items.get(i).answer().strip();
      int[] ids = exact.tokenizer().orElseThrow().encode(text, true);
      try (LogitSession one = model.newSession(ids.length);
          LogitSession two = exact.newSession(ids.length);
          Logits rows = model.forward(List.of(new Segment(one, ids, Segment.Rows.ALL)));
          Logits exactRows = exact.forward(List.of(new Segment(two, ids, Segment.Rows.ALL)))) {
        for (int row = 0; row < rows.rows(); row++) {
          count.add(rows.row(row), exactRows.row(row));
        }
      }
    }
    return count;
  }

  @ParameterizedTest
  @CsvSource({
    "base, PACKED, none",
    "base, PACKED_TWICE, none",
    "small, PACKED, none",
    "base, PACKED, int8+head",
  })
  void noTwoTokensAreTiedByRounding(String name, WeightLayout layout, String quantization) {
    LoadOptions options =
        LoadOptions.defaults()
            .withQuantization(Quantization.parse(quantization))
            .withLayout(layout);
    try (LogitModel model = load(name, options.withDType(DType.BFLOAT16));
        LogitModel exact = load(name, options.withDType(DType.FLOAT32))) {
      Count count = count(model, exact);
      System.err.printf(
          name,
          layout,
          quantization,
          count.rows,
          count.ties,
          count.tiesIfRounded,
          count.otherPicks,
          count.error / count.rows,
          count.errorIfRounded / count.rows);
      assertThat(count.ties).isZero();
      assertThat(count.tiesIfRounded).as("what this test is to notice").isPositive();
      assertThat(count.otherPicks).isLessThan(count.rows / 50);
      assertThat(count.error).isLessThan(0.95 * count.errorIfRounded);
    }
  }

  private static LogitModel load(String name, LoadOptions options) {
    return TorchModels.load(FamilyFolder.require(null).path().resolve(name), options);
  }
}
