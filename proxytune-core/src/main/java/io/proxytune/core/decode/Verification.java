package io.proxytune.core.decode;

import io.proxytune.core.speculation.Draft;
import io.proxytune.core.speculation.DraftKind;
import io.proxytune.core.speculation.StepReport;
import java.util.Optional;
import java.util.stream.IntStream;
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
  private boolean othersWait;
  private @Nullable Gating gating;
  private int firstRow;
  private int taken;
  private int accepted;

  private Verification(Sequence sequence, @Nullable DraftKind kind, int[] draft) {
    this.sequence = sequence;
    this.kind = kind;
    this.draft = draft;
  }

  /** Nothing to verify: the row gives a token. */
  static Verification ofNothing(Sequence sequence) {
    return new Verification(sequence, null, new int[0]);
  }

  /** Begins one. */
  static Verification of(Sequence sequence, Draft draft) {
    return new Verification(sequence, draft.kind(), draft.ids());
  }

  Sequence sequence() {
    return sequence;
  }

  /** The tokens that are verified. */
  int[] draft() {
    return draft;
  }

  /** How many rows are this sequence's. */
  int rows() {
    return draft.length + 1;
  }

  /** Whether its other models read after the base, if at all. */
  boolean othersWait() {
    return othersWait;
  }

  /** Begins to read: by the base first, or by all models at once. */
  void begin(boolean baseFirst) {
    othersWait = baseFirst;
  }

  /** Says what its tokens are steered by, where not all models are asked for all. */
  void gate(Gating own) {
    gating = own;
  }

  /** What {@link #gate} said; nothing where all models are asked. */
  Optional<Gating> gating() {
    return Optional.ofNullable(gating);
  }

  /** What its rows are fused by. */
  Steering steering() {
    boolean asked = gating == null || gating.asked();
    return asked ? sequence.steering() : sequence.steering().unasked();
  }

  /** Whether the next token is looked at although it is not steered. */
  boolean isAudited() {
    return gating != null && gating.isAudited(taken);
  }

  /** How many tokens of the text come before that of each row; all that were picked are taken. */
  IntStream positions() {
    int first = sequence.tokens().size();
    return IntStream.range(first, first + rows());
  }

  /** Says which row gives the first token. */
  void startAt(int row) {
    firstRow = row;
  }

  /** Whether the next row gives the next token: the draft was right so far. */
  boolean goesOn() {
    return taken == accepted && taken <= draft.length && !sequence.isFaulty();
  }

  /** The row that gives the next token. */
  int row() {
    return firstRow + taken;
  }

  /** Takes the token that was picked from the row, and compares it with the draft. */
  void take(int id, TokenReport report) {
    boolean asDrafted = taken < draft.length && draft[taken] == id;
    int drafted = taken == 0 ? draft.length : 0;
    Gating.Outcome gated = gating == null ? Gating.Outcome.STEERED : gating.outcome(taken);
    sequence.add(new Picked(id, report.drafted(asDrafted), drafted, gated, asDrafted));
    taken++;
    accepted += asDrafted ? 1 : 0;
  }

  StepReport.Outcome outcome() {
    boolean rejected = taken > accepted && accepted < draft.length;
    return new StepReport.Outcome(kind, draft.length, accepted, rejected, taken);
  }
}
