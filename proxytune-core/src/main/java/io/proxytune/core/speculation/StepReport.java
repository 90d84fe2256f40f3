package io.proxytune.core.speculation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step.
 *
 * @param outcomes one of each sequence
 * @param draftSteps how many passes a model took to draft
 * @param draftNanos the time of drafting
 * @param checkNanos the time of the rest
 */
public record StepReport(List<Outcome> outcomes, int draftSteps, long draftNanos, long checkNanos) {
  /**
   * What came of a draft.
   *
   * @param kind who drafted; null for an empty draft
   * @param drafted its tokens
   * @param accepted those that became part of the text
   * @param rejected whether the token after those was another one
   * @param emitted the tokens that the sequence got
   */
  public record Outcome(
      @Nullable DraftKind kind, int drafted, int accepted, boolean rejected, int emitted) {}

  public StepReport {
    outcomes = List.copyOf(outcomes);
  }

  /** Whether nothing was drafted, nor tried to. */
  boolean isPlain() {
    return draftSteps == 0 && drafted() == 0;
  }

  int drafted() {
    return outcomes.stream().mapToInt(Outcome::drafted).sum();
  }

  /** Tokens of the text, a sequence. */
  double emittedEach() {
    return outcomes.stream().mapToInt(Outcome::emitted).average().orElse(0);
  }

  /** Drafted tokens, a sequence, rounded up. */
  int draftedEach() {
    return (drafted() + outcomes.size() - 1) / outcomes.size();
  }
}
