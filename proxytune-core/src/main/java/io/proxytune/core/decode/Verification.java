package io.proxytune.core.decode;

import io.proxytune.core.speculation.Draft;
import io.proxytune.core.speculation.DraftKind;
import io.proxytune.core.speculation.StepReport;
import org.jspecify.annotations.Nullable;

/**
 * One sequence's part in a step: a row for each token of its draft and one more, picked from as
 * long as the picks agree with the draft. A sequence without a draft has one row. For one thread at
 * a time.
 */
final class Verification {
  private final Sequence sequence;
  private final @Nullable DraftKind kind;
  private final int[] draft;
  private final int firstRow;
  private int taken;
  private int accepted;

  private Verification(Sequence sequence, @Nullable DraftKind kind, int[] draft, int firstRow) {
    this.sequence = sequence;
    this.kind = kind;
    this.draft = draft;
    this.firstRow = firstRow;
  }

  /** Nothing to verify: the row gives a token. */
  static Verification ofNothing(Sequence sequence, int row) {
    return new Verification(sequence, null, new int[0], row);
  }

  /**
   * Begins one.
   *
   * @param firstRow the row that gives the first token
   */
  static Verification of(Sequence sequence, Draft draft, int firstRow) {
    return new Verification(sequence, draft.kind(), draft.ids(), firstRow);
  }

  Sequence sequence() {
    return sequence;
  }

  /** The tokens that are verified. */
  int[] draft() {
    return draft;
  }

  /** How many of the step's rows are this sequence's. */
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

  /** Compares the token that was picked from the row with the draft. */
  void compare(int id) {
    boolean asDrafted = taken < draft.length && draft[taken] == id;
    taken++;
    accepted += asDrafted ? 1 : 0;
    sequence.countDraft(taken == 1 ? draft.length : 0, asDrafted ? 1 : 0);
  }

  StepReport.Outcome outcome() {
    boolean rejected = taken > accepted && accepted < draft.length;
    return new StepReport.Outcome(kind, draft.length, accepted, rejected, taken);
  }
}
