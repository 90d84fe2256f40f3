package io.proxytune.core.decode;

import java.util.ArrayList;
import java.util.List;

/** What steps took, and from that what others would take; in nanoseconds. */
final class StepCosts {
  private static final double RATE = 0.2;

  /** A guess that is rather low, so that a step is tried and then measured. */
  private static final double GUESSED_DRAFT = 0.25;

  /** As {@link #GUESSED_DRAFT}: the share of a plain step that one more token adds to a check. */
  private static final double GUESSED_GROWTH = 0.04;

  private final List<Average> checks = new ArrayList<>();
  private final Average draft;

  /** Begins with nothing measured, for checks of up to so many drafted tokens. */
  StepCosts(int longest) {
    for (int i = 0; i <= longest; i++) {
      checks.add(new Average(0, 0, RATE));
    }
    draft = new Average(0, 0, RATE);
  }

  private StepCosts(StepCosts other) {
    other.checks.forEach(check -> checks.add(check.copy()));
    draft = other.draft.copy();
  }

  StepCosts copy() {
    return new StepCosts(this);
  }

  /** Whether enough plain steps were measured to compare with. */
  boolean knowsPlain() {
    return checks.get(0).count() >= 2 && plain() > 0;
  }

  /** The longest draft to try: twice the longest that was checked before, at least two. */
  int longestToTry() {
    int longest = checks.size() - 1;
    while (longest > 1 && checks.get(longest).count() == 0) {
      longest--;
    }
    return Math.min(2 * longest, checks.size() - 1);
  }

  /** Whether such a round was measured before. */
  boolean knows(int drafted, boolean byModel) {
    return checks.get(Math.min(drafted, checks.size() - 1)).count() > 0
        && (!byModel || draft.count() > 0);
  }

  double plain() {
    return checks.get(0).value();
  }

  void addCheck(int drafted, long nanos) {
    checks.get(Math.min(drafted, checks.size() - 1)).addClipped((double) nanos);
  }

  void addDraft(double nanos) {
    draft.addClipped(nanos);
  }

  /** One step of the model that drafts. */
  double draft() {
    return draft.count() == 0 ? GUESSED_DRAFT * plain() : draft.value();
  }

  /**
   * A pass that checks so many drafted tokens: as measured, else between its neighbours, else a bit
   * more than what is below.
   */
  double check(int drafted) {
    int below = drafted;
    while (below > 0 && checks.get(below).count() == 0) {
      below--;
    }
    int above = drafted;
    while (above < checks.size() && checks.get(above).count() == 0) {
      above++;
    }
    double known = checks.get(below).value();
    if (above == checks.size()) {
      return known + GUESSED_GROWTH * plain() * (drafted - below);
    }
    double share = above == below ? 0 : (double) (drafted - below) / (above - below);
    return known + share * (checks.get(above).value() - known);
  }
}
