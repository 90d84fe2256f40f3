package io.proxytune.core.remote;

import java.util.Arrays;

/** Log-probabilities that come one by one, each of an id that has none yet. For one thread. */
final class Row {
  /** What float32's log-softmax may round above 0. */
  private static final double ABOVE_ZERO = 1e-3;

  private final float[] values;
  private int count;
  private double least = Double.POSITIVE_INFINITY;
  private double mostUnmapped = Double.NEGATIVE_INFINITY;
  private double mass;
  private int unmapped;

  Row(int width) {
    values = new float[width];
    Arrays.fill(values, Float.NaN);
  }

  void put(long id, double logprob) throws MalformedAnswerException {
    if (id < 0 || id >= values.length) {
      throw new MalformedAnswerException(
          "it has token id " + id + ", and the vocabulary ends at " + (values.length - 1));
    }
    check(logprob, "token id " + id);
    if (!Float.isNaN(values[(int) id])) {
      throw new MalformedAnswerException("token id " + id + " is there twice");
    }
    // llama.cpp writes the lowest float for a probability of 0, which JSON has no infinity for.
    values[(int) id] = logprob <= -Float.MAX_VALUE ? Float.NEGATIVE_INFINITY : (float) logprob;
    count++;
    count(values[(int) id]);
  }

  /**
   * Takes the value of a token that is shown, and is none of the ids or not known which of them.
   */
  void putUnmapped(String token, double logprob) throws MalformedAnswerException {
    check(logprob, "token '" + token + "'");
    mostUnmapped = Math.max(mostUnmapped, logprob);
    unmapped++;
    count(logprob);
  }

  private static void check(double logprob, String whose) throws MalformedAnswerException {
    if (Double.isNaN(logprob) || logprob > ABOVE_ZERO) {
      throw new MalformedAnswerException(
          "log-probability " + logprob + " of " + whose + " is none");
    }
  }

  private void count(double logprob) {
    least = Math.min(least, logprob);
    mass += Math.exp(logprob);
  }

  /** How many tokens were shown that are none of the ids. */
  int unmapped() {
    return unmapped;
  }

  /** How many ids have a value. */
  int count() {
    return count;
  }

  /** The values by id; NaN where there is none. */
  float[] values() {
    return values;
  }

  /** What the values shown say of all others. */
  Bound bound() {
    return Bound.of(least, mostUnmapped, mass);
  }

  /** The values by id, with the bound of all others in their place. */
  float[] bounded() {
    float bound = bound().logit();
    float[] filled = values.clone();
    for (int id = 0; id < filled.length; id++) {
      filled[id] = Float.isNaN(filled[id]) ? bound : filled[id];
    }
    return filled;
  }

  /** Refuses a row with fewer values than were asked for. */
  void requireCount(int expected) throws MalformedAnswerException {
    if (count < expected) {
      throw new MalformedAnswerException(
          "it has log-probabilities of "
              + count
              + " tokens, expected "
              + expected
              + ": the server may be too old, or limit how many it shows");
    }
  }
}
