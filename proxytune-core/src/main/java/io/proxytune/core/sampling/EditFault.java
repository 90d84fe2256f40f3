package io.proxytune.core.sampling;

import io.proxytune.ModelException;
import io.proxytune.Penalties;
import java.util.Locale;
import java.util.Map;

/**
 * Says what made a row that a token could be picked from into one that none can be picked from: a
 * bias, a penalty, the bans, or the application's processors. Slow: for failures.
 */
public final class EditFault {
  private static final String NONE_LEFT =
      "of the tokens that the constraint lets come next, none may be picked: the models, the"
          + " processors, or what is banned (withConstraints, withBannedIds) rule out all of them;"
          + " ban less, or use another GenerationOptions.withConstraint";

  private final float[] fused;
  private final SamplingPlan plan;
  private final TokenHistory history;

  private EditFault(float[] fused, SamplingPlan plan, TokenHistory history) {
    this.fused = fused;
    this.plan = plan;
    this.history = history;
  }

  /**
   * Explains an edited row.
   *
   * @param fused the row before its edits, usable
   * @param edited the row after them, unusable
   * @param index its index in the batch
   * @param plan the edits
   * @param history the sequence
   * @return the exception to throw
   */
  public static ModelException explain(
      float[] fused, float[] edited, int index, SamplingPlan plan, TokenHistory history) {
    if (RowChecks.largest(edited) == Float.NEGATIVE_INFINITY) {
      if (plan.constraint() != null) {
        return new ModelException(NONE_LEFT);
      }
      return RowChecks.unusable(edited, index, "edited logits");
    }
    String edit = new EditFault(fused.clone(), plan, history).overflow();
    return edit.isEmpty()
        ? RowChecks.unusable(edited, index, "edited logits, after the application's processors")
        : new ModelException(edit);
  }

  /** The first edit that leaves float32's range; empty if none does. */
  private String overflow() {
    for (Map.Entry<Integer, Double> bias : plan.logitBias().entrySet()) {
      int id = bias.getKey();
      float before = fused[id];
      fused[id] = (float) (before + bias.getValue());
      if (!RowChecks.isLogit(fused[id])) {
        return message("logit bias " + bias.getValue(), id, before);
      }
    }
    Penalties penalties = plan.penalties();
    if (penalties.equals(Penalties.NONE)) {
      return "";
    }
    float[] before = fused.clone();
    ReferenceEdits.penaliseRepetition(fused, penalties, history);
    String found = firstOverflow("repetition penalty " + penalties.repetition(), before);
    if (found.isEmpty()) {
      before = fused.clone();
      ReferenceEdits.penaliseFrequency(fused, penalties, history);
      String both =
          "%s, presence penalty %s".formatted(penalties.frequency(), penalties.presence());
      found = firstOverflow("frequency penalty " + both, before);
    }
    return found;
  }

  private String firstOverflow(String edit, float[] before) {
    for (int id = 0; id < fused.length; id++) {
      if (!RowChecks.isLogit(fused[id])) {
        return message(edit, id, before[id]);
      }
    }
    return "";
  }

  private static String message(String edit, int id, float before) {
    return String.format(
        Locale.ROOT,
        "%s takes the logit of token id %d from %s beyond the range of float32, whose largest"
            + " number is %s: use a smaller one",
        edit,
        id,
        before,
        Float.MAX_VALUE);
  }
}
