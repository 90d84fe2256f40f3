package io.proxytune.core.retokenizing;

import io.proxytune.core.sampling.RowChecks;
import io.proxytune.model.Logits;
import java.util.OptionalDouble;

/** What a model says of its own next token: a distribution, in float64. Immutable. */
final class OwnRow {
  private final double[] probabilities;

  private OwnRow(double[] probabilities) {
    this.probabilities = probabilities;
  }

  /**
   * Reads a row.
   *
   * @param cap the bound of the model's logits, which rows are before
   * @throws io.proxytune.ModelException if it holds NaN or +∞, or nothing above −∞
   */
  static OwnRow of(Logits rows, int index, OptionalDouble cap) {
    float[] logits = RowChecks.read(rows, index);
    RowChecks.requireUsable(logits, index, "logits of a model with a tokenizer of its own");
    double largest = bounded(RowChecks.largest(logits), cap);
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int id = 0; id < logits.length; id++) {
      weights[id] = Math.exp(bounded(logits[id], cap) - largest);
      sum += weights[id];
    }
    for (int id = 0; id < weights.length; id++) {
      weights[id] /= sum;
    }
    return new OwnRow(weights);
  }

  /** Infinities stay what they are. */
  private static double bounded(double logit, OptionalDouble cap) {
    return cap.isEmpty() || Double.isInfinite(logit)
        ? logit
        : cap.getAsDouble() * Math.tanh(logit / cap.getAsDouble());
  }

  double probability(int id) {
    return probabilities[id];
  }
}
