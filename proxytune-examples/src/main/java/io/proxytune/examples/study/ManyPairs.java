package io.proxytune.examples.study;

import java.util.ArrayList;
import java.util.List;

/** Pairs from good to harmful, all on the family's base. */
final class ManyPairs {
  private ManyPairs() {}

  static List<Mix> of(Laboratory lab) {
    List<Mix> pairs = new ArrayList<>(ofTheFamily(lab));
    for (long seed : lab.seeds()) {
      Made small = lab.small(seed);
      pairs.addAll(own(lab, small, List.of(0.5, 1.0, 1.5, 2.0)));
      for (Made anti : List.of(lab.small(1, 100), Made.BASE, Made.SMALL)) {
        pairs.add(pair(lab.expert(small), anti, 1));
      }
    }
    for (int steps : List.of(100, 200)) {
      Made small = lab.small(1, steps);
      pairs.addAll(own(lab, small, List.of(0.5, 1.0, 1.5, 2.0)));
      pairs.add(pair(lab.expert(small), Made.SMALL, 1));
    }
    return pairs;
  }

  private static List<Mix> own(Laboratory lab, Made small, List<Double> alphas) {
    return alphas.stream().map(alpha -> pair(lab.expert(small), small, alpha)).toList();
  }

  private static List<Mix> ofTheFamily(Laboratory lab) {
    List<Mix> pairs = new ArrayList<>();
    for (int steps : List.of(10, 20, 40, 80)) {
      pairs.add(pair(lab.tuned(Made.SMALL, steps), Made.SMALL, 1));
    }
    for (double alpha : List.of(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)) {
      pairs.add(pair(Made.EXPERT, Made.SMALL, alpha));
    }
    for (Made anti : List.of(lab.small(1), lab.small(1, 100), Made.BASE)) {
      pairs.add(pair(Made.EXPERT, anti, 1));
    }
    for (Chats chats : List.of(Chats.HELPFUL, Chats.REFUSALS)) {
      for (double alpha : List.of(0.5, 1.0, 2.0)) {
        pairs.add(pair(lab.tuned(Made.SMALL, 130, chats), Made.SMALL, alpha));
      }
    }
    for (int steps : List.of(20, 40)) {
      pairs.add(pair(lab.tuned(Made.SMALL, steps), Made.SMALL, 0.5));
      pairs.add(pair(lab.tuned(Made.SMALL, steps), Made.SMALL, 2));
    }
    return pairs;
  }

  private static Mix pair(Made expert, Made against, double alpha) {
    return Mix.of(Made.BASE, Pull.of(expert, against, alpha));
  }
}
