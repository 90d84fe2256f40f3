package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.ModelException;
import io.proxytune.Sampler;
import io.proxytune.model.Logits;
import java.util.Locale;

/** Refuses rows that no token can be picked from, and picks that are none. */
public final class RowChecks {
  private RowChecks() {}

  /**
   * Whether a row with this largest value can be picked from; NaN counts as the largest of all.
   *
   * @param largest the largest value
   * @return whether it is finite
   */
  public static boolean isUsable(double largest) {
    return Double.isFinite(largest);
  }

  /**
   * Whether a number may stand in a row.
   *
   * @param value a number
   * @return whether it is finite or −∞
   */
  public static boolean isLogit(float value) {
    return value < Float.POSITIVE_INFINITY; // false for NaN
  }

  /**
   * Reads a row of logits, which may be an application's own.
   *
   * @param logits rows
   * @param index which of them
   * @return the row, of the right width
   * @throws ModelException if they give none, or one of another width
   */
  public static float[] read(Logits logits, int index) {
    float[] row = logits.row(index);
    if (row == null || row.length != logits.width()) {
      throw new ModelException(
          String.format(
              Locale.ROOT,
              "a model's logits (of %s) gave %s for row %d, expected %d values",
              logits.getClass(),
              row == null ? "null" : row.length + " values",
              index,
              logits.width()));
    }
    return row;
  }

  /**
   * The largest value of a row; NaN if there is one.
   *
   * @param row logits
   * @return the largest value, −∞ for none
   */
  public static float largest(float[] row) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : row) {
      largest = Math.max(largest, value); // NaN if one of them is
    }
    return largest;
  }

  /**
   * The id of the largest value, ties to the lowest.
   *
   * @param row logits without NaN
   * @return an id
   */
  public static int argmax(float[] row) {
    int best = 0;
    for (int id = 1; id < row.length; id++) {
      if (row[id] > row[best]) {
        best = id;
      }
    }
    return best;
  }

  /**
   * Refuses a row of which no token can be picked.
   *
   * @param row logits
   * @param index its index in the batch
   * @param stage what the logits are, such as {@code fused logits}
   * @throws ModelException if it holds NaN or +∞, or nothing above −∞
   */
  public static void requireUsable(float[] row, int index, String stage) {
    if (!isUsable(largest(row))) {
      throw unusable(row, index, stage);
    }
  }

  /**
   * Says why no token can be picked from a row.
   *
   * @param row logits with NaN or +∞, or nothing above −∞
   * @param index its index in the batch
   * @param stage what the logits are, such as {@code fused logits}
   * @return the exception to throw
   */
  public static ModelException unusable(float[] row, int index, String stage) {
    int nan = 0;
    int infinite = 0;
    int first = -1;
    for (int id = 0; id < row.length; id++) {
      boolean isNaN = Float.isNaN(row[id]);
      boolean isInfinite = row[id] == Float.POSITIVE_INFINITY;
      nan += isNaN ? 1 : 0;
      infinite += isInfinite ? 1 : 0;
      first = first < 0 && (isNaN || isInfinite) ? id : first;
    }
    return new ModelException(
        first < 0 ? allBanned(index, stage) : notFinite(row, index, stage, nan, infinite, first));
  }

  private static String allBanned(int index, String stage) {
    return String.format(
        Locale.ROOT,
        "row %d of the %s: every token is banned (all logits are −∞), expected at least one that"
            + " may be picked; ban fewer ids",
        index,
        stage);
  }

  private static String notFinite(
      float[] row, int index, String stage, int nan, int infinite, int first) {
    return String.format(
        Locale.ROOT,
        "row %d of the %s: %d of %d values are NaN and %d are +∞, the first is %s at id %d,"
            + " expected finite numbers or −∞; check %s",
        index,
        stage,
        nan,
        row.length,
        infinite,
        row[first],
        first,
        stage.endsWith("processors")
            ? "them"
            : "the models' weights, try dtype float32 or a smaller alpha");
  }

  /**
   * Runs an application's sampler and checks what it picked.
   *
   * @param sampler the application's code
   * @param row logits without NaN and with one above −∞; kept as they are
   * @param context where the token goes
   * @return the id
   * @throws IllegalArgumentException if the sampler picked no id of the row, or a banned one
   */
  public static int customPick(Sampler.Custom sampler, float[] row, StepContext context) {
    int id = sampler.pick(row.clone(), context);
    checkArgument(
        id >= 0 && id < row.length,
        "the custom sampler must pick an id in [0, %s) at position %s, got %s",
        row.length,
        context.position(),
        id);
    checkArgument(
        row[id] > Float.NEGATIVE_INFINITY,
        "the custom sampler picked the banned id %s at position %s: its logit is −∞",
        id,
        context.position());
    return id;
  }
}
