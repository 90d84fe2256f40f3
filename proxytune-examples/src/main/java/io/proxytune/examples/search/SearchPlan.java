package io.proxytune.examples.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * Who is scored on how many items, known before the first call: immutable.
 *
 * @param searched the items that the search looks at
 * @param confirmed the items that it keeps apart, on which what it found is confirmed
 * @param rounds of successive halving (Karnin, Koren and Somekh, ICML 2013; Jamieson and Talwalkar,
 *     arXiv 1502.07943), each with half as many candidates on twice as many items
 */
record SearchPlan(int searched, int confirmed, List<Round> rounds) {
  /** Fewer would be worse than chance at telling candidates apart. */
  private static final int FIRST = 8;

  /** On the items kept apart: the winner, the runner-up, all α = 0 and all α = 1. */
  private static final int CONFIRMED = 4;

  private static final int LEAST_ITEMS = 4;

  /** So many candidates are scored until each has so many items. */
  record Round(int candidates, int items) {}

  /**
   * Plans a search.
   *
   * @param candidates at least 2
   * @param items how many there are, at least 4
   * @param calls the most scores that may be asked for; fewer items are looked at where all are
   *     dearer
   * @throws IllegalArgumentException if there are too few items or calls
   */
  static SearchPlan of(int candidates, int items, long calls) {
    checkArgument(
        items >= LEAST_ITEMS,
        "a search needs at least %s items, half of them to confirm what it finds, got %s",
        LEAST_ITEMS,
        items);
    for (int used = items; used >= LEAST_ITEMS; used--) {
      SearchPlan plan = of(candidates, used);
      if (plan.calls() <= calls) {
        return plan;
      }
    }
    throw new IllegalArgumentException(
        "%s calls are too few for %s candidates: allow at least %s, or try fewer"
            .formatted(calls, candidates, of(candidates, LEAST_ITEMS).calls()));
  }

  private static SearchPlan of(int candidates, int items) {
    int searched = items / 2;
    int halvings = 32 - Integer.numberOfLeadingZeros(candidates - 1); // rounded up
    List<Round> rounds = new ArrayList<>();
    for (int round = 0; round < halvings; round++) {
      int left = ceiling(candidates, 1 << round);
      int seen = ceiling(searched, 1 << (halvings - 1 - round));
      rounds.add(new Round(left, Math.min(searched, Math.max(FIRST, seen))));
    }
    return new SearchPlan(searched, items - searched, rounds);
  }

  private static int ceiling(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  SearchPlan {
    rounds = List.copyOf(rounds);
  }

  /** The most calls that it takes. */
  long calls() {
    long calls = (long) CONFIRMED * confirmed;
    int seen = 0;
    for (Round round : rounds) {
      calls += (long) round.candidates * (round.items - seen);
      seen = round.items;
    }
    return calls;
  }
}
