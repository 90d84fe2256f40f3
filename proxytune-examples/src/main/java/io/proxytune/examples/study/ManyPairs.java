package io.proxytune.examples.study;

import java.util.ArrayList;
import java.util.List;

/** Pairs from good to harmful, all on the family's base. */
final class ManyPairs {
  private ManyPairs() {}

  static List<Mix> of(Laboratory lab) {
    List<Mix> pairs = new ArrayList<>();
    for (int steps : List.of(10, 20, 40, 80)) {
      pairs.add(pair(lab.tuned(Made.Shipped.SMALL, steps), Made.Shipped.SMALL, 1));
    }
    pairs.add(pair(Made.Shipped.EXPERT, Made.Shipped.SMALL, 1));
    for (int steps : List.of(100, 200, 400)) {
      Made small = lab.small(1, steps);
      pairs.add(pair(lab.expert(small), small, 1));
    }
    for (Made anti :
        List.of(lab.small(1), lab.small(1, 100), lab.small(2, 100), Made.Shipped.BASE)) {
      pairs.add(pair(Made.Shipped.EXPERT, anti, 1));
    }
    for (double alpha : List.of(0.5, 2.0)) {
      pairs.add(pair(Made.Shipped.EXPERT, Made.Shipped.SMALL, alpha));
    }
    for (Chats chats : List.of(Chats.HELPFUL, Chats.REFUSALS)) {
      pairs.add(pair(lab.tuned(Made.Shipped.SMALL, 130, chats), Made.Shipped.SMALL, 1));
    }
    return pairs;
  }

  private static Mix pair(Made expert, Made against, double alpha) {
    return Mix.of(Made.Shipped.BASE, Pull.of(expert, against, alpha));
  }
}
