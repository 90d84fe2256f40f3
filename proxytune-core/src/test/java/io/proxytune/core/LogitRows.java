package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;

/** What tests ask of rows of logits. */
public final class LogitRows {
  private LogitRows() {}

  /** The likeliest id, ties to the lowest. */
  static int argmax(float[] row) {
    int best = 0;
    for (int id = 1; id < row.length; id++) {
      if (row[id] > row[best]) {
        best = id;
      }
    }
    return best;
  }

  /** Asserts that no logit is further off than a fraction of the largest expected one. */
  public static void assertClose(
      String what, List<float[]> actual, List<float[]> expected, double fraction) {
    assertThat(actual).as("rows of %s", what).hasSameSizeAs(expected);
    double bound = fraction * largest(expected);
    for (int row = 0; row < expected.size(); row++) {
      assertRowClose(what + ", row " + row, actual.get(row), expected.get(row), bound);
    }
  }

  private static void assertRowClose(String what, float[] actual, float[] expected, double bound) {
    assertThat(actual.length).as("width of %s", what).isEqualTo(expected.length);
    for (int id = 0; id < expected.length; id++) {
      double off = Math.abs((double) actual[id] - expected[id]);
      if (!(off <= bound)) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "%s, id %d: expected %s within %.3g, got %s",
                what,
                id,
                expected[id],
                bound,
                actual[id]));
      }
    }
  }

  /** The mean distance of a logit from the expected one, in parts of the largest of these. */
  static double meanError(List<float[]> actual, List<float[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double sum = 0;
    long count = 0;
    for (int row = 0; row < expected.size(); row++) {
      for (int id = 0; id < expected.get(row).length; id++) {
        sum += Math.abs((double) actual.get(row)[id] - expected.get(row)[id]);
        count++;
      }
    }
    return sum / count / largest(expected);
  }

  /** Rows within a bound, {@code cap · tanh(logit / cap)}. */
  static List<float[]> capped(List<float[]> rows, double cap) {
    return rows.stream().map(row -> capped(row, cap)).toList();
  }

  private static float[] capped(float[] row, double cap) {
    float[] capped = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      capped[i] = (float) (cap * Math.tanh(row[i] / cap));
    }
    return capped;
  }

  private static double largest(List<float[]> rows) {
    double largest = 0;
    for (float[] row : rows) {
      for (float logit : row) {
        largest = Math.max(largest, Math.abs(logit));
      }
    }
    return largest;
  }
}
