package io.proxytune.core.sampling;

import io.proxytune.StandardSampler;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The samplers' filters, in float64, as transformers' warpers define them. Top-k, top-p and min-p
 * keep the likeliest tokens, so each of them is a count; the typical set is a set of ranks.
 */
public final class Filters {
  /**
   * A mass that lacks so little counts as reached. It is far below what float32 logits can tell
   * apart, and far above the rounding of a sum over a vocabulary: where p is reached exactly, such
   * as by half of the tokens of a uniform row, the order of the additions must not decide.
   */
  public static final double MASS_TOLERANCE = 1e-9;

  private Filters() {}

  /**
   * Applies every filter of a sampler, in the order top-k, top-p, min-p, typical-p.
   *
   * @param all the whole distribution
   * @param sampler which filters
   * @return what they keep, at least one token
   */
  public static Candidates apply(Candidates all, StandardSampler sampler) {
    Candidates kept = all;
    if (sampler.topK() > 0) {
      kept = kept.first(topK(kept, sampler.topK()));
    }
    if (sampler.topP() < 1) {
      kept = kept.first(topP(kept, sampler.topP()));
    }
    if (sampler.minP() > 0) {
      kept = kept.first(minP(kept, sampler.minP()));
    }
    return sampler.typicalP() < 1 ? typical(kept, sampler.typicalP()) : kept;
  }

  /**
   * How many tokens top-k keeps: those as likely as the k-th.
   *
   * @param candidates the likeliest tokens
   * @param k at least 1
   * @return the count
   */
  public static int topK(Candidates candidates, int k) {
    int kept = Math.min(k, candidates.size());
    while (kept < candidates.size() && candidates.score(kept) == candidates.score(kept - 1)) {
      kept++;
    }
    return kept;
  }

  /**
   * How many tokens top-p keeps: the fewest whose probability reaches p. That is transformers'
   * rule, which removes a token when it and all less likely ones hold at most 1 − p.
   *
   * @param candidates the likeliest tokens
   * @param p in {@code (0, 1)}
   * @return the count, at least 1; all of those listed if they do not reach p
   */
  public static int topP(Candidates candidates, double p) {
    double before = 0;
    int kept = 0;
    while (kept < candidates.size() && (kept == 0 || before < p - MASS_TOLERANCE)) {
      before += Math.exp(candidates.logprob(kept));
      kept++;
    }
    return kept;
  }

  /**
   * How many tokens min-p keeps: those at least p times as likely as the likeliest.
   *
   * @param candidates the likeliest tokens
   * @param p in {@code (0, 1]}
   * @return the count, at least 1
   */
  public static int minP(Candidates candidates, double p) {
    int kept = 1;
    while (kept < candidates.size()
        && Math.exp(candidates.score(kept) - candidates.score(0)) >= p) {
      kept++;
    }
    return kept;
  }

  /**
   * The locally typical set: the tokens whose surprise is nearest to the entropy, until they hold
   * p; those as near as the last stay too.
   */
  private static Candidates typical(Candidates all, double p) {
    double entropy = entropy(all);
    double[] distance =
        IntStream.range(0, all.size())
            .mapToDouble(rank -> Math.abs(-all.logprob(rank) - entropy))
            .toArray();
    int[] nearest =
        IntStream.range(0, distance.length)
            .boxed()
            .sorted(Comparator.comparingDouble(rank -> distance[rank]))
            .mapToInt(Integer::intValue)
            .toArray();
    double limit = distance[nearest[lastOfMass(all, nearest, p)]];
    return all.at(
        IntStream.range(0, distance.length).filter(rank -> distance[rank] <= limit).toArray());
  }

  private static int lastOfMass(Candidates candidates, int[] order, double p) {
    double mass = 0;
    for (int i = 0; i < order.length; i++) {
      mass += Math.exp(candidates.logprob(order[i]));
      if (mass >= p - MASS_TOLERANCE) {
        return i;
      }
    }
    return order.length - 1;
  }

  private static double entropy(Candidates all) {
    double entropy = 0;
    for (int rank = all.size() - 1; rank >= 0; rank--) {
      double logprob = all.logprob(rank);
      entropy -= logprob == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logprob) * logprob;
    }
    return entropy;
  }
}
