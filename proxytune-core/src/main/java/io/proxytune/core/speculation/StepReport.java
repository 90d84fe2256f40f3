package io.proxytune.core.speculation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step.
 *
 * @param outcomes one of each sequence that was drafted for
 * @param draftSteps how many passes a model took to draft for these
 * @param draftNanos the time of drafting for these
 * @param checkNanos the time of the step without that of drafting, for these and others
 * @param together how many sequences the step was of, these and others
 * @param draftedTogether the drafted tokens of all sequences
 */
public record StepReport(
    List<Outcome> outcomes,
    int draftSteps,
    long draftNanos,
    long checkNanos,
    int together,
    int draftedTogether) {
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

  /** A step of these sequences alone. */
  StepReport(List<Outcome> outcomes, int draftSteps, long draftNanos, long checkNanos) {
    this(outcomes, draftSteps, draftNanos, checkNanos, outcomes.size(), drafted(outcomes));
  }

  private static int drafted(List<Outcome> outcomes) {
    return outcomes.stream().mapToInt(Outcome::drafted).sum();
  }

  /** Whether nothing was drafted for any sequence, nor tried to for these. */
  boolean isPlain() {
    return draftSteps == 0 && draftedTogether == 0;
  }

  /** Whether something was drafted for these, or tried to. */
  boolean isOwn() {
    return draftSteps > 0 || drafted() > 0;
  }

  int drafted() {
    return drafted(outcomes);
  }

  /** The part that these have in all that was drafted. */
  double partOfDrafts() {
    return draftedTogether == 0 ? 1 : (double) drafted() / draftedTogether;
  }

  /** Tokens of the text, a sequence, as if the others had got one. */
  double emittedEach() {
    int own = outcomes.stream().mapToInt(Outcome::emitted).sum();
    return (double) (own + together - outcomes.size()) / together;
  }

  /** Drafted tokens, a sequence, rounded up. */
  int draftedEach() {
    return (draftedTogether + together - 1) / together;
  }
}
