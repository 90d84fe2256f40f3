package io.proxytune.examples.experiments;

import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.OptionalDouble;

/** What a model says of the next token after a prompt. */
final class NextLogits {
  private NextLogits() {}

  /** The logits after the last of some ids. */
  static float[] after(LogitModel model, int[] ids) {
    try (LogitSession session = model.newSession(ids.length);
        Logits logits = model.forward(List.of(new Segment(session, ids, Segment.Rows.LAST)))) {
      return logits.row(0);
    }
  }

  /** Natural log-probabilities of a model's row, which is before the bound of its logits. */
  static double[] logprobs(LogitModel model, float[] row) {
    OptionalDouble cap = model.logitCap();
    float[] logits = row.clone();
    for (int id = 0; id < row.length && cap.isPresent(); id++) {
      logits[id] = (float) (cap.getAsDouble() * Math.tanh(row[id] / cap.getAsDouble()));
    }
    return logprobs(logits);
  }

  /** Natural log-probabilities of logits. */
  static double[] logprobs(float[] logits) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      greatest = Math.max(greatest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - greatest);
    }
    double[] logprobs = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      logprobs[i] = logits[i] - greatest - Math.log(sum);
    }
    return logprobs;
  }
}
