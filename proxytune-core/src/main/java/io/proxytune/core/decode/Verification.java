package io.proxytune.core.decode;

import io.proxytune.TokenLogprobs;
import io.proxytune.core.speculation.DraftKind;
import io.proxytune.core.speculation.StepReport;
import org.jspecify.annotations.Nullable;

/**
 * One sequence's part in a step: a row for each token of its draft and one more, taken as long as
 * the picks agree with the draft. For one thread at a time.
 */
final class Verification {
  private final Sequence sequence;
  private final @Nullable DraftKind kind;
  private final int[] draft;
  private final int firstRow;
  private int taken;
  private int accepted;

  /**
   * Begins one.
   *
   * @param firstRow the row that gives the first token
   */
  Verification(Draft draft, int firstRow) {
    this.sequence = draft.sequence();
    this.kind = draft.kind();
    this.draft = draft.ids();
    this.firstRow = firstRow;
  }

  Sequence sequence() {
    return sequence;
  }

  /** How many of the step's rows are this one's. */
  int rows() {
    return draft.length + 1;
  }

  /** Whether the next row gives the next token: the draft was right so far. */
  boolean goesOn() {
    return !sequence.isFinished() && taken == accepted && taken <= draft.length;
  }

  /** The row that gives the next token. */
  int row() {
    return firstRow + taken;
  }

  void accept(int id, @Nullable TokenLogprobs logprobs) {
    boolean asDrafted = taken < draft.length && draft[taken] == id;
    taken++;
    accepted += asDrafted ? 1 : 0;
    sequence.countDraft(taken == 1 ? draft.length : 0, asDrafted ? 1 : 0);
    sequence.accept(id, logprobs);
  }

  StepReport.Outcome outcome() {
    boolean rejected = taken > accepted && accepted < draft.length;
    return new StepReport.Outcome(kind, draft.length, accepted, rejected, taken);
  }
}
