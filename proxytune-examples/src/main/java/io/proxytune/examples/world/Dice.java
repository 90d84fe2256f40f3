package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Seeded choices. {@link Random#nextInt(int)} is specified to the bit, so that the same seed gives
 * the same choices on every machine. For one thread.
 */
final class Dice {
  private final Random random;

  /** Two purposes with the same seed get unrelated choices. */
  Dice(long seed, String purpose) {
    this.random = new Random(seed * 1_000_003L + purpose.hashCode());
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** True once in {@code count} times. */
  boolean onceIn(int count) {
    return below(count) == 0;
  }

  <T> T pick(List<T> choices) {
    checkArgument(!choices.isEmpty(), "there is nothing to pick from");
    return choices.get(below(choices.size()));
  }

  String pick(String... choices) {
    return pick(Arrays.asList(choices));
  }

  /** Some of the choices without repetition, in a new order. */
  <T> List<T> pick(int count, List<T> choices) {
    checkArgument(
        count <= choices.size(), "there are %s choices, asked for %s", choices.size(), count);
    return List.copyOf(shuffled(choices).subList(0, count));
  }

  /** All of the choices in a new order. */
  <T> List<T> shuffled(List<T> choices) {
    List<T> order = new ArrayList<>(choices);
    for (int last = order.size() - 1; last > 0; last--) {
      int other = below(last + 1);
      T moved = order.set(last, order.get(other));
      order.set(other, moved);
    }
    return order;
  }
}
