package io.proxytune.core.sampling;

import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.TokenTrace.View;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What a decoding step computes on rows of logits. {@link ReferenceLogitMath} does it in float64 on
 * the heap and is the definition; the implementation over LibTorch does it on the device.
 *
 * <p><b>Threads:</b> implementations are safe for use by several threads; a {@link SamplerState}
 * belongs to one sequence.
 */
public interface LogitMath {
  /**
   * Takes rows out of logits, such as one role's out of a forward pass that several roles share.
   * This default goes through the heap.
   *
   * @param logits rows; they stay open as long as the result is used
   * @param rows the indices to take, in this order, each in {@code [0, logits.rows())}; an index
   *     may occur more than once
   * @return the rows taken, possibly a view; the caller closes them
   */
  default Logits select(Logits logits, int[] rows) {
    float[][] copies =
        Arrays.stream(rows).mapToObj(row -> RowChecks.read(logits, row)).toArray(float[][]::new);
    return Logits.of(logits.width(), copies);
  }

  /**
   * Puts rows of several logits under each other. This default goes through the heap.
   *
   * @param parts logits of one width, at least one; they stay open as long as the result is used
   * @return the rows of the first, then of the second, and so on; the caller closes them
   */
  default Logits join(List<? extends Logits> parts) {
    float[][] copies =
        parts.stream()
            .flatMap(
                part -> IntStream.range(0, part.rows()).mapToObj(row -> RowChecks.read(part, row)))
            .toArray(float[][]::new);
    return Logits.of(parts.get(0).width(), copies);
  }

  /**
   * Prepares putting columns into another order. This default goes through the heap.
   *
   * @param sources for each new column the one that it is taken from; negative for none, which
   *     gives −∞
   * @return the order
   */
  default ColumnOrder columnOrder(int[] sources) {
    int[] columns = sources.clone();
    return logits -> {
      float[][] rows = new float[logits.rows()][columns.length];
      for (int row = 0; row < rows.length; row++) {
        float[] values = RowChecks.read(logits, row);
        for (int i = 0; i < columns.length; i++) {
          rows[row][i] = columns[i] < 0 ? Float.NEGATIVE_INFINITY : values[columns[i]];
        }
      }
      return Logits.of(columns.length, rows);
    };
  }

  /**
   * Fuses rows: {@code base + Σ α · (expert − anti-expert)}, computed in float32 or wider.
   *
   * @param base the base's rows, {@code [rows, baseWidth]}
   * @param offsets the pairs; their logits have as many rows as the base, of any width. Ids outside
   *     {@link Offset#sharedIds()} get no offset
   * @param emittable the ids that may be emitted; all others become −∞
   * @return new rows, {@code [rows, baseWidth]}, float32; the caller closes them
   * @throws io.proxytune.ModelException never for NaN: that is found by {@link #pick}
   */
  default Logits fuse(Logits base, List<Offset> offsets, IdRange emittable) {
    return fuse(base, offsets, emittable, OptionalDouble.empty());
  }

  /**
   * The same, and the sums are brought within a bound: {@code cap · tanh(sum / cap)}. Infinities
   * stay what they are.
   *
   * @param base the base's rows, {@code [rows, baseWidth]}
   * @param offsets the pairs
   * @param emittable the ids that may be emitted
   * @param cap the bound, above 0, or none
   * @return new rows, {@code [rows, baseWidth]}, float32; the caller closes them
   */
  Logits fuse(Logits base, List<Offset> offsets, IdRange emittable, OptionalDouble cap);

  /**
   * Fuses rows as {@link io.proxytune.Fusion} defines it, computed in float64. This default goes
   * through the heap and is the definition.
   *
   * @param blend the rows and how they are fused
   * @param strengths a factor of all weights for each row, finite; 0 leaves the base's own row
   * @return new rows, {@code [rows, baseWidth]}, float32; the caller closes them
   */
  default Logits fuse(Blend blend, double[] strengths) {
    return ReferenceBlend.fuse(blend, strengths);
  }

  /**
   * The strength of each row at which the only pair of a blend shifts the base's distribution as
   * far as its expert's is from its anti-expert's; see {@link
   * io.proxytune.Strength#klMatched(double)}. This default goes through the heap and is the
   * definition.
   *
   * @param blend rows of one pair, in logits or log-probabilities; all ids are candidates
   * @param most the largest strength, above 0
   * @return a strength a row, from 0 to the largest
   */
  default double[] matchedStrengths(Blend blend, double most) {
    return ReferenceBlend.matchedStrengths(blend, most);
  }

  /**
   * How certain each row's distribution is. This default goes through the heap.
   *
   * @param logits rows
   * @return one a row
   */
  default List<Certainty> certainties(Logits logits) {
    return ReferenceBlend.certainties(logits);
  }

  /**
   * Begins a sequence's sampling state.
   *
   * @param plan how its tokens are picked
   * @param promptIds the base model's prompt, counted by the repetition penalty
   * @return the state; the caller closes it
   */
  SamplerState newState(SamplingPlan plan, int[] promptIds);

  /**
   * Picks a token for each row: bias, penalties, bans, processors, then the sampler. The states are
   * not changed; see {@link SamplerState#append}.
   *
   * @param fused fused rows
   * @param states the state of each row's sequence, made by this object
   * @return one id a row
   * @throws io.proxytune.ModelException if a row holds NaN or +∞, or every token is banned
   */
  int[] pick(Logits fused, List<? extends SamplerState> states);

  /**
   * Prepares picks from rows of which some are picked from later, or never.
   *
   * @param fused fused rows; they stay open as long as the result is used
   * @return the picks to come; the caller closes them
   */
  default RowPicks picks(Logits fused) {
    return new SelectingPicks(this, fused);
  }

  /**
   * The natural log-probability of one id in each row.
   *
   * @param logits rows
   * @param ids one id a row; an id at or above the width has log-probability −∞
   * @return one value a row
   * @throws io.proxytune.ModelException if a row holds NaN or +∞
   */
  double[] logprobs(Logits logits, int[] ids);

  /**
   * The likeliest ids of each row with their natural log-probabilities, likeliest first, ties to
   * the lower id.
   *
   * @param logits rows
   * @param count how many, at least 0; cut to the number of ids with a probability above 0
   * @return a list a row
   * @throws io.proxytune.ModelException if a row holds NaN or +∞
   */
  List<List<Alternative>> top(Logits logits, int count);

  /**
   * What each row says of one id and of all: logit, natural log-probability, rank, the likeliest
   * id, entropy in nats.
   *
   * @param logits rows
   * @param ids one id a row; an id at or above the width has −∞ and comes last
   * @return one view a row
   * @throws io.proxytune.ModelException if a row holds NaN or +∞
   */
  List<View> views(Logits logits, int[] ids);

  /**
   * KL(from ‖ to) of each pair of rows, in nats: Σ p · (log p − log q) over the ids that both have
   * and where p is above 0; +∞ where q is 0 there, and where {@code from} has such ids beyond the
   * width of {@code to}.
   *
   * @param from rows, p
   * @param to as many rows, q
   * @return one value a row
   * @throws io.proxytune.ModelException if a row holds NaN or +∞
   */
  double[] divergences(Logits from, Logits to);
}
