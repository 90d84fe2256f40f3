package io.proxytune.core.constraint;

import org.jspecify.annotations.Nullable;

/**
 * A place in a grammar: a state, and for each rule around it the state to go on with. Immutable.
 */
final class Frame {
  private final int state;
  private final @Nullable Frame outer;
  private final int hash;

  Frame(int state, @Nullable Frame outer) {
    this.state = state;
    this.outer = outer;
    this.hash = 31 * (outer == null ? 1 : outer.hash) + state;
  }

  int state() {
    return state;
  }

  @Nullable Frame outer() {
    return outer;
  }

  /** A loop, since rules nest as deep as a text likes. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Frame frame)) {
      return false;
    }
    Frame one = this;
    Frame two = frame;
    while (one != two) {
      if (one == null || two == null || one.hash != two.hash || one.state != two.state) {
        return false;
      }
      one = one.outer;
      two = two.outer;
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
