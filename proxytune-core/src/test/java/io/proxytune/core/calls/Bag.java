package io.proxytune.core.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Objects that several threads hold. What was closed may stay in it; a full one forgets. */
final class Bag<T> {
  private static final int ROOM = 6;

  private final List<T> things = new ArrayList<>();

  /** Adds a thing, in place of another where there is no room: that one is dropped as it is. */
  synchronized T add(T thing, Random random) {
    if (things.size() < ROOM) {
      things.add(thing);
    } else {
      things.set(random.nextInt(ROOM), thing);
    }
    return thing;
  }

  synchronized Optional<T> any(Random random) {
    return things.isEmpty()
        ? Optional.empty()
        : Optional.of(things.get(random.nextInt(things.size())));
  }

  /** Takes a thing out. */
  synchronized Optional<T> take(Random random) {
    return things.isEmpty()
        ? Optional.empty()
        : Optional.of(things.remove(random.nextInt(things.size())));
  }

  synchronized List<T> takeAll() {
    List<T> all = List.copyOf(things);
    things.clear();
    return all;
  }
}
