package io.proxytune.core.sampling;

import java.util.OptionalLong;
import java.util.SplittableRandom;

/** The seeds of the noise. */
public final class Seeds {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private Seeds() {}

  /** The seed that was asked for, or a new one. */
  public static long givenOrDrawn(OptionalLong given) {
    return given.orElseGet(() -> new SplittableRandom().nextLong());
  }

  /**
   * The seed of one of several texts of a request: the request's own for the first, and for text
   * {@code index} the {@code index}-th output of the SplitMix64 generator that starts at it.
   */
  public static long derive(long seed, int index) {
    if (index == 0) {
      return seed;
    }
    long z = seed + index * GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
