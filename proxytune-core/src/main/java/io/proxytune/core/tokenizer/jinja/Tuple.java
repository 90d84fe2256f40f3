package io.proxytune.core.tokenizer.jinja;

import java.util.List;

/** Python's tuple. It knows how much it holds, as a dict may walk through it as a key. */
final class Tuple {
  private final List<Object> items;
  private final long weight;
  private final int depth;

  Tuple(List<Object> items) {
    this.items = items;
    long held = 1;
    int deepest = 0;
    for (Object item : items) {
      held += item instanceof Tuple inner ? inner.weight : 1;
      deepest = item instanceof Tuple inner ? Math.max(deepest, inner.depth) : deepest;
    }
    weight = Math.min(held, Integer.MAX_VALUE);
    depth = deepest + 1;
  }

  static Tuple of(Object... items) {
    return new Tuple(List.of(items));
  }

  List<Object> items() {
    return items;
  }

  /** The values in it and in the tuples in it, as often as each occurs. */
  long weight() {
    return weight;
  }

  /** The levels of tuples. */
  int depth() {
    return depth;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tuple tuple && items.equals(tuple.items);
  }

  @Override
  public int hashCode() {
    return items.hashCode();
  }
}
