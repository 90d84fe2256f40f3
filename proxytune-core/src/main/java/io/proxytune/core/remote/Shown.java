package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.model.PartialLogits.Uncertified;

/**
 * How many tokens' log-probabilities are asked for: immutable.
 *
 * @param first how many at first
 * @param most how many where those are not enough to be certain
 * @param uncertified what happens where these are not, either
 */
record Shown(int first, int most, Uncertified uncertified) {
  /** All that there are. */
  static final Shown ALL = new Shown(Integer.MAX_VALUE, Integer.MAX_VALUE, Uncertified.GO_ON);

  Shown {
    checkArgument(first >= 1, "the tokens to show must be >= 1, got %s", first);
    checkArgument(
        most >= first, "the most tokens to show must be >= the first %s, got %s", first, most);
  }

  int first(int width) {
    return Math.min(first, width);
  }

  /** How many come after so many; the same where there are no more. */
  int after(int count, int width) {
    return (int) Math.min(2L * count, Math.min(most, width));
  }
}
