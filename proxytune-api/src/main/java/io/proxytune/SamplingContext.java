package io.proxytune;

import java.util.List;

/** Where in a text a token is about to be picked. Valid during the call that receives it. */
public interface SamplingContext {
  /**
   * The request's seed.
   *
   * @return the seed
   */
  long seed();

  /**
   * The position of the token to pick in the base model's sequence.
   *
   * @return the number of prompt and generated tokens before it
   */
  int position();

  /**
   * The base model's prompt.
   *
   * @return its ids, unmodifiable
   */
  List<Integer> promptIds();

  /**
   * What was generated so far.
   *
   * @return the ids, unmodifiable
   */
  List<Integer> generatedIds();

  /**
   * Gumbel noise of a token: {@code argmax(log p + gumbel)} draws from {@code p}. It depends on the
   * seed, the position and the id alone.
   *
   * @param id a token id, at least 0
   * @return the noise, finite
   */
  double gumbel(int id);
}
