package io.proxytune.model;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Rows of a model that shows its likeliest ids only: the others hold an upper bound of their
 * logits, the same for all of a row.
 *
 * <p>Only a base may give them. A token that is picked greedily is <b>certified</b> where it is a
 * known one: with the bound in the place of the unknown logits it beat every unknown id, so that it
 * beats what they really are. Where an unknown id wins, the row is asked for again with {@linkplain
 * #withMore more ids}. Where there are no more, {@link Uncertified} says what happens. Samplers,
 * and an application's own code, pick of the known ids alone, and {@link #missing} says how much of
 * the base's distribution that leaves out. Scores and log-probabilities need whole rows; where
 * {@link io.proxytune.ProxyTuner#choose} has options of one token each, it compares those that are
 * known, with log-probabilities among all known ids and −∞ for the other options.
 *
 * <p><b>Threads:</b> as {@link Logits}.
 */
public interface PartialLogits extends Logits {
  /**
   * What happens where no more ids are shown, and none of those known is certain to be the best.
   */
  enum Uncertified {
    /** The best of the known ids is taken. */
    GO_ON,
    /**
     * The text ends before it, with {@link io.proxytune.FinishReason#UNCERTIFIED}, and all its
     * tokens are certified.
     */
    STOP,
    /** The text fails with a {@link io.proxytune.ModelException}. */
    REFUSE
  }

  /**
   * Whether a row tells the logit of an id.
   *
   * @param row the row, in {@code [0, rows())}
   * @param id the id, in {@code [0, width())}
   * @return whether it does; where it does not, the row holds a bound for it
   * @throws IndexOutOfBoundsException if there is no such row or id
   */
  boolean isKnown(int row, int id);

  /**
   * The share of the model's own distribution that the unknown ids have.
   *
   * @param row the row, in {@code [0, rows())}
   * @return from 0 to 1
   */
  double missing(int row);

  /**
   * Asks for more ids of a row.
   *
   * @param row the row, in {@code [0, rows())}
   * @param givenUp as for {@link PendingLogits#await}
   * @return the row alone, with more ids known; nothing where there are no more. The caller closes
   *     it
   * @throws java.util.concurrent.CancellationException if it was given up
   */
  Optional<PartialLogits> withMore(int row, BooleanSupplier givenUp);

  /**
   * What happens where there are no more.
   *
   * @return the same for all rows
   */
  Uncertified uncertified();

  /**
   * Is told how a token was picked greedily, for statistics.
   *
   * @param row the row that it was picked of
   * @param certified whether it is certain to be the best of all ids
   */
  void picked(int row, boolean certified);

  /**
   * Is told that a multiple choice was left open, for statistics: none of its options is known.
   *
   * @param row the row that has none of them
   */
  default void dropped(int row) {}
}
