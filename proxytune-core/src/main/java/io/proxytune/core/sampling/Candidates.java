package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tokens in play, likeliest first, ties by ascending id: all of a distribution or only its
 * likeliest. Immutable.
 */
public final class Candidates {
  private final int[] ids;
  private final double[] scores;
  private final double logTotal;

  private Candidates(int[] ids, double[] scores, double logTotal) {
    this.ids = ids;
    this.scores = scores;
    this.logTotal = logTotal;
  }

  /**
   * Every token of a row that is not banned.
   *
   * @param row logits without NaN
   * @param scale makes them scores
   * @return all tokens above −∞
   */
  public static Candidates ofRow(float[] row, Scale scale) {
    long[] keys = new long[row.length];
    int count = 0;
    for (int id = 0; id < row.length; id++) {
      if (row[id] > Float.NEGATIVE_INFINITY) {
        keys[count++] = key(row[id], id);
      }
    }
    Candidates all = ofKeys(Arrays.copyOf(keys, count), scale, 0);
    return all.first(count);
  }

  /**
   * Some tokens of a row: the likeliest, or those that a filter asked for.
   *
   * @param logits their logits without NaN; −∞ are dropped
   * @param ids their ids
   * @param scale makes them scores
   * @param logTotal the log of the sum of {@code exp(score)} over the whole row
   * @return the tokens
   */
  public static Candidates ofSome(double[] logits, double[] ids, Scale scale, double logTotal) {
    checkArgument(logits.length == ids.length, "%s logits but %s ids", logits.length, ids.length);
    long[] keys =
        IntStream.range(0, ids.length)
            .filter(i -> logits[i] > Double.NEGATIVE_INFINITY)
            .mapToLong(i -> key((float) logits[i], (int) ids[i]))
            .toArray();
    return ofKeys(keys, scale, logTotal);
  }

  private static Candidates ofKeys(long[] keys, Scale scale, double logTotal) {
    Arrays.sort(keys);
    int[] ids = new int[keys.length];
    double[] scores = new double[keys.length];
    for (int i = 0; i < keys.length; i++) {
      ids[i] = (int) keys[i];
      scores[i] = scale.score(logit(keys[i]));
    }
    return new Candidates(ids, scores, logTotal);
  }

  /** A number that ascends as logits descend and, where they tie, as ids ascend. */
  private static long key(float logit, int id) {
    int bits = Float.floatToIntBits(logit + 0f); // −0 ties with 0
    return ((long) ~flip(bits) << Integer.SIZE) | id;
  }

  private static float logit(long key) {
    return Float.intBitsToFloat(flip(~(int) (key >> Integer.SIZE)));
  }

  /** Between IEEE 754's sign and magnitude and two's complement: its own inverse. */
  private static int flip(int bits) {
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  /**
   * The number of tokens listed here.
   *
   * @return the size
   */
  public int size() {
    return ids.length;
  }

  /**
   * The id at a rank.
   *
   * @param rank from 0
   * @return the id
   */
  public int id(int rank) {
    return ids[rank];
  }

  /**
   * The score at a rank.
   *
   * @param rank from 0
   * @return the score, see {@link Scale}
   */
  public double score(int rank) {
    return scores[rank];
  }

  /**
   * The natural log-probability at a rank.
   *
   * @param rank from 0
   * @return at most about 0
   */
  public double logprob(int rank) {
    return scores[rank] - logTotal;
  }

  /**
   * The likeliest tokens as a distribution of their own.
   *
   * @param count how many
   * @return the first tokens, renormalised
   */
  public Candidates first(int count) {
    return renormalised(Arrays.copyOf(ids, count), Arrays.copyOf(scores, count));
  }

  /**
   * Some of the tokens as a distribution of their own.
   *
   * @param ranks the ranks in ascending order
   * @return these tokens, renormalised
   */
  public Candidates at(int[] ranks) {
    return renormalised(
        Arrays.stream(ranks).map(rank -> ids[rank]).toArray(),
        Arrays.stream(ranks).mapToDouble(rank -> scores[rank]).toArray());
  }

  private static Candidates renormalised(int[] ids, double[] scores) {
    double total = 0;
    for (int i = scores.length - 1; i >= 0; i--) { // the smallest first: least rounding
      total += Math.exp(scores[i]);
    }
    return new Candidates(ids, scores, Math.log(total));
  }

  /**
   * Draws a token: {@code argmax(log p + gumbel)}.
   *
   * @param noiseKey of {@link Noise#key}
   * @return the id
   */
  public int draw(long noiseKey) {
    int best = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int rank = 0; rank < ids.length; rank++) {
      double perturbed = scores[rank] + Noise.gumbel(noiseKey, ids[rank]);
      if (perturbed > largest) {
        largest = perturbed;
        best = rank;
      }
    }
    return ids[best];
  }
}
