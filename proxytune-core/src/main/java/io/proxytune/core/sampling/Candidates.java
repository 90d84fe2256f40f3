package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

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
    return ofKeys(keys, count, scale, 0).first(count);
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
    long[] keys = new long[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (logits[i] > Double.NEGATIVE_INFINITY) {
        keys[count++] = key((float) logits[i], (int) ids[i]);
      }
    }
    return ofKeys(keys, count, scale, logTotal);
  }

  private static Candidates ofKeys(long[] keys, int count, Scale scale, double logTotal) {
    Arrays.sort(keys, 0, count);
    int[] ids = new int[count];
    double[] scores = new double[count];
    for (int i = 0; i < count; i++) {
      ids[i] = (int) keys[i];
      scores[i] = scale.score(logit(keys[i]));
    }
    return new Candidates(ids, scores, logTotal);
  }

  /** A number that ascends as logits descend and, where they tie, as ids ascend. */
  private static long key(float logit, int id) {
    return ((long) ~FloatOrder.rank(logit + 0f) << Integer.SIZE) | id; // −0 ties with 0
  }

  private static float logit(long key) {
    return FloatOrder.value(~(int) (key >> Integer.SIZE));
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
   * All ids.
   *
   * @return a copy, the likeliest first
   */
  public int[] ids() {
    return ids.clone();
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
    return ids[winner(noiseKey)];
  }

  /**
   * Draws a token from these and others of the same row, as if they stood in one list.
   *
   * @param noiseKey of {@link Noise#key}
   * @param otherLogits the others' logits without NaN; those of −∞ are not drawn
   * @param otherIds their ids; some may be listed here, too
   * @param scale makes logits scores
   * @return the id
   */
  public int draw(long noiseKey, double[] otherLogits, int[] otherIds, Scale scale) {
    int rank = winner(noiseKey);
    int id = ids[rank];
    double score = scores[rank];
    double largest = score + Noise.gumbel(noiseKey, id);
    for (int i = 0; i < otherIds.length; i++) {
      double other = scale.score((float) otherLogits[i]);
      double perturbed = other + Noise.gumbel(noiseKey, otherIds[i]);
      boolean ranksHigher = other > score || (other == score && otherIds[i] < id);
      if (perturbed > largest || (perturbed == largest && ranksHigher)) {
        id = otherIds[i];
        score = other;
        largest = perturbed;
      }
    }
    return id;
  }

  /**
   * What a token not listed has to exceed to be drawn.
   *
   * @param noiseKey of {@link Noise#key}
   * @return the largest sum of score and noise
   */
  public double bid(long noiseKey) {
    int winner = winner(noiseKey);
    return scores[winner] + Noise.gumbel(noiseKey, ids[winner]);
  }

  private int winner(long noiseKey) {
    int best = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int rank = 0; rank < ids.length; rank++) {
      double perturbed = scores[rank] + Noise.gumbel(noiseKey, ids[rank]);
      if (perturbed > largest) {
        largest = perturbed;
        best = rank;
      }
    }
    return best;
  }
}
