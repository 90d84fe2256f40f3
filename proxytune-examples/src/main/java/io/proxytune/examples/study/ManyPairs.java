package io.proxytune.examples.study;

import java.util.ArrayList;
import java.util.List;

/** Pairs from good to harmful, all on the family's base. */
final class ManyPairs {
  /** As the family's small model. */
  private static final int READ = 1_500;

  private final Laboratory lab;
  private final List<Mix> pairs = new ArrayList<>();

  private ManyPairs(Laboratory lab) {
    this.lab = lab;
  }

  static List<Mix> of(Laboratory lab) {
    ManyPairs many = new ManyPairs(lab);
    many.addShipped();
    lab.seeds().forEach(many::addOfSeed);
    return List.copyOf(many.pairs);
  }

  /** The family's small model, tuned briefly or long, on all chats or some, and too much of it. */
  private void addShipped() {
    add(Made.Shipped.EXPERT, Made.Shipped.SMALL, 1);
    for (int steps : List.of(5, 10, 20, 40, 80)) {
      add(lab.tuned(Made.Shipped.SMALL, steps), Made.Shipped.SMALL, 1);
    }
    for (Chats chats : List.of(Chats.HELPFUL, Chats.REFUSALS, Chats.SHUFFLED)) {
      add(lab.tuned(Made.Shipped.SMALL, 130, chats), Made.Shipped.SMALL, 1);
    }
    for (double alpha : List.of(0.25, 0.5, 1.5, 2.0, 3.0)) {
      add(Made.Shipped.EXPERT, Made.Shipped.SMALL, alpha);
    }
  }

  /** A new seed's expert, at four strengths, against other models, and a briefly tuned one. */
  private void addOfSeed(long seed) {
    Made origin = lab.small(seed, READ);
    Made expert = lab.expert(origin);
    for (double alpha : List.of(0.5, 1.0, 1.5, 2.0)) {
      add(expert, origin, alpha);
    }
    add(expert, Made.Shipped.BASE, 1);
    long next = seed % lab.seeds().size() + 1;
    if (next != seed) {
      add(expert, lab.small(next, READ), 1);
    }
    add(lab.tuned(origin, 20), origin, 1);
  }

  private void add(Made expert, Made against, double alpha) {
    pairs.add(Mix.of(Made.Shipped.BASE, Pull.of(expert, against, alpha)));
  }
}
