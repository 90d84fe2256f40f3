package io.proxytune;

import java.util.List;

/**
 * The likeliest of several continuations: immutable.
 *
 * @param index the index of the chosen option
 * @param option the chosen option
 * @param scores the score of each option, in the order given
 */
public record Choice(int index, String option, List<Score> scores) {
  public Choice {
    scores = List.copyOf(scores);
  }
}
