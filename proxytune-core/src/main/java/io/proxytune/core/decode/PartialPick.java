package io.proxytune.core.decode;

import io.proxytune.ModelException;
import io.proxytune.Sampler;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.PartialRows;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.model.PartialLogits;
import io.proxytune.model.PartialLogits.Uncertified;
import java.util.List;

/**
 * Picks tokens of one text whose base shows its likeliest ids only; see {@link PartialLogits}. For
 * one thread.
 */
final class PartialPick {
  private final Steering steering;
  private final ModelPass pass;
  private final Verification text;
  private final PartialRows rows;

  PartialPick(Steering steering, ModelPass pass, Verification text, PartialRows rows) {
    this.steering = steering;
    this.pass = pass;
    this.text = text;
    this.rows = rows;
  }

  void run() {
    Sequence sequence = text.sequence();
    if (sequence.options().logprobs() || sequence.options().trace()) {
      sequence.fail(needsWholeRows(steering, "log-probabilities and traces"));
    } else if (steering.fusion().asksWhereNeeded()) {
      sequence.fail(needsWholeRows(steering, "strengths that follow the base's certainty"));
    } else if (!canCertify()) {
      pickOfKnown();
    } else {
      while (text.goesOn()) {
        pickCertified();
      }
    }
  }

  static ModelException needsWholeRows(Steering steering, String what) {
    return new ModelException(
        "the "
            + steering.base().describe()
            + " shows its likeliest tokens only, and "
            + what
            + " need whole rows: let it show all of them, if it can");
  }

  /** Where chance or the application's code picks, there is no best token. */
  private boolean canCertify() {
    return steering.fusion().keepsBounds()
        && text.sequence().options().sampler().equals(Sampler.greedy())
        && !text.sequence().runsCode();
  }

  private void pickOfKnown() {
    try (PickRows known = fuse(true)) {
      DecodeStep.pick(known, List.of(text));
    }
  }

  private void pickCertified() {
    int row = text.row();
    boolean certified = certify(row);
    Uncertified policy = certified ? Uncertified.GO_ON : rows.uncertified(row);
    if (policy != Uncertified.GO_ON) {
      rows.picked(row, false);
      if (policy == Uncertified.STOP) {
        text.sequence().stopUncertified();
      } else {
        text.sequence().fail(uncertified());
      }
      return;
    }
    try (PickRows picks = fuse(!certified)) {
      picks.pick(List.of(text));
    }
    rows.picked(row, certified);
  }

  /** Asks for more ids until the best one is known, or there are no more. */
  private boolean certify(int row) {
    while (true) {
      try (PickRows picks = fuse(false)) {
        if (rows.isKnown(row, picks.peek(text))) {
          return true;
        }
      }
      if (!rows.askForMore(row, () -> text.sequence().control().end().isPresent())) {
        return false;
      }
    }
  }

  private PickRows fuse(boolean knownOnly) {
    text.startAt(0);
    RoleLogits roles =
        steering.rows(pass, List.of(text.sequence().sessions()), new int[] {text.rows()});
    if (knownOnly) {
      roles.replace(steering.base(), rows.known());
    }
    return PickRows.fuse(steering, roles, List.of(text));
  }

  private ModelException uncertified() {
    return new ModelException(
        "the "
            + steering.base().describe()
            + " shows too few tokens to be certain of the next one: let it show more, use a smaller"
            + " alpha, or go on with the best of those that it shows");
  }
}
