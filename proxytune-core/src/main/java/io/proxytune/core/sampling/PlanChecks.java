package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Penalties;
import java.util.List;

/** What the implementations of {@link LogitMath} refuse alike. */
public final class PlanChecks {
  private PlanChecks() {}

  /**
   * Checks that there is a state a row.
   *
   * @param rows the number of rows
   * @param states the number of states
   */
  public static void requireOnePerRow(int rows, int states) {
    checkArgument(rows == states, "need one state a row, got %s rows and %s states", rows, states);
  }

  /**
   * Checks the ids of log-probabilities.
   *
   * @param rows the number of rows
   * @param ids one a row
   */
  public static void requireIds(int rows, int[] ids) {
    checkArgument(rows == ids.length, "need one id a row, got %s rows, %s ids", rows, ids.length);
    for (int id : ids) {
      checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    }
  }

  /**
   * Checks the number of alternatives.
   *
   * @param count at least 0
   */
  public static void requireCount(int count) {
    checkArgument(count >= 0, "the number of likeliest ids must be >= 0, got %s", count);
  }

  /**
   * Checks that the biased and the penalised ids have a logit.
   *
   * @param plan the plan
   * @param history the sequence
   * @param width the number of logits in a row
   */
  public static void requireInRow(SamplingPlan plan, TokenHistory history, int width) {
    plan.logitBias()
        .keySet()
        .forEach(
            id ->
                checkArgument(
                    id >= 0 && id < width,
                    "logit bias: id %s has no logit, a row holds %s",
                    id,
                    width));
    checkArgument(
        plan.penalties().equals(Penalties.NONE) || history.largestId() < width,
        "penalties: id %s has no logit, a row holds %s",
        history.largestId(),
        width);
  }

  /**
   * Checks that the offsets fit the base.
   *
   * @param rows the number of the base's rows
   * @param offsets the pairs
   */
  public static void requireFit(int rows, List<Offset> offsets) {
    for (int pair = 0; pair < offsets.size(); pair++) {
      Offset offset = offsets.get(pair);
      requireRows("expert", pair, offset.expert().rows(), rows);
      requireRows("anti-expert", pair, offset.antiExpert().rows(), rows);
    }
  }

  private static void requireRows(String role, int pair, int actual, int expected) {
    checkArgument(
        actual == expected,
        "the %s of pair %s has %s rows, the base has %s",
        role,
        pair,
        actual,
        expected);
  }
}
