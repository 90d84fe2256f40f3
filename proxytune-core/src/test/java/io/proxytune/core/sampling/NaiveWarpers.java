package io.proxytune.core.sampling;

import static java.lang.Double.NEGATIVE_INFINITY;

import io.proxytune.StandardSampler;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The filters a second time, step by step like transformers' warpers: whole rows of scores, sorted
 * and masked one filter after the other.
 */
final class NaiveWarpers {
  private NaiveWarpers() {}

  /** The probabilities of all ids. */
  static double[] probabilities(float[] row, StandardSampler sampler) {
    double[] scores = new double[row.length];
    for (int id = 0; id < row.length; id++) {
      scores[id] = row[id] / sampler.temperature();
    }
    if (sampler.topK() > 0) {
      topK(scores, sampler.topK());
    }
    if (sampler.topP() < 1) {
      topP(scores, sampler.topP());
    }
    if (sampler.minP() > 0) {
      minP(scores, sampler.minP());
    }
    if (sampler.typicalP() < 1) {
      typical(scores, sampler.typicalP());
    }
    return softmax(scores);
  }

  private static void topK(double[] scores, int k) {
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double kth = sorted[Math.max(0, sorted.length - k)];
    mask(scores, IntStream.range(0, scores.length).filter(id -> scores[id] < kth));
  }

  private static void topP(double[] scores, double p) {
    double[] probabilities = softmax(scores);
    int[] ascending = sorted(scores.length, Comparator.comparingDouble(id -> scores[id]));
    double cumulative = 0;
    for (int i = 0; i < ascending.length - 1; i++) {
      cumulative += probabilities[ascending[i]];
      if (cumulative <= 1 - p) {
        scores[ascending[i]] = NEGATIVE_INFINITY;
      }
    }
  }

  private static void minP(double[] scores, double p) {
    double[] probabilities = softmax(scores);
    double limit = p * Arrays.stream(probabilities).max().orElseThrow();
    mask(scores, IntStream.range(0, scores.length).filter(id -> probabilities[id] < limit));
  }

  private static void typical(double[] scores, double p) {
    double[] probabilities = softmax(scores);
    double entropy =
        Arrays.stream(probabilities).filter(q -> q > 0).map(q -> -q * Math.log(q)).sum();
    double[] distance =
        Arrays.stream(probabilities).map(q -> Math.abs(-Math.log(q) - entropy)).toArray();
    int[] nearest = sorted(scores.length, Comparator.comparingDouble(id -> distance[id]));
    double cumulative = 0;
    int last = 0;
    for (int id : nearest) {
      cumulative += probabilities[id];
      last += cumulative < p ? 1 : 0;
    }
    double limit = distance[nearest[Math.min(last, nearest.length - 1)]];
    mask(scores, IntStream.range(0, scores.length).filter(id -> distance[id] > limit));
  }

  private static void mask(double[] scores, IntStream ids) {
    Arrays.stream(ids.toArray()).forEach(id -> scores[id] = NEGATIVE_INFINITY);
  }

  private static int[] sorted(int count, Comparator<Integer> order) {
    return IntStream.range(0, count).boxed().sorted(order).mapToInt(id -> id).toArray();
  }

  static double[] softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElseThrow();
    double[] weights = Arrays.stream(scores).map(score -> Math.exp(score - largest)).toArray();
    double total = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / total).toArray();
  }
}
