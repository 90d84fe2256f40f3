package io.proxytune.core.sampling;

import java.util.Arrays;

/**
 * Counter-based Gumbel noise: a pure function of (seed, position, id), so that a token's noise does
 * not depend on the vocabulary's width, the batch, the device or what was drawn before.
 *
 * <p>The bits are SplitMix64's (Steele, Lea and Flood, OOPSLA 2014) over a hashed counter. The
 * uniform number has 52 bits and a half, so it is never 0 or 1 and the noise is always finite: in
 * {@code [−3.61, 36.74]}. Safe for use by several threads.
 */
public final class Noise {
  /** The odd number nearest to 2^64 divided by the golden ratio: the distance of two ids. */
  private static final long ID_STEP = 0x9E3779B97F4A7C15L;

  /** Differs from {@link #ID_STEP}, so that positions and ids are no shifted copies. */
  private static final long POSITION_STEP = 0xD1B54A32D192ED03L;

  /** How many of the 64 mixed bits are dropped to leave the 52 of a uniform number. */
  private static final int UNIFORM_SHIFT = 12;

  /** How many uniform numbers there are, 1 divided by their distance. */
  private static final double UNIFORMS = 0x1p52;

  private Noise() {}

  /**
   * What the bits of all ids at one position have in common.
   *
   * @param seed the request's seed
   * @param position the position of the token to pick
   * @return the key
   */
  public static long key(long seed, int position) {
    return mix(mix(seed + ID_STEP) + (position + 1L) * POSITION_STEP);
  }

  /**
   * The 64 bits of an id.
   *
   * @param key of {@link #key}
   * @param id a token id
   * @return uniform bits
   */
  public static long bits(long key, int id) {
    return mix(key + id * ID_STEP);
  }

  /**
   * A standard Gumbel variate.
   *
   * @param key of {@link #key}
   * @param id a token id
   * @return {@code −log(−log u)}, finite
   */
  public static double gumbel(long key, int id) {
    return -Math.log(-Math.log(uniform(bits(key, id))));
  }

  /**
   * A standard Gumbel variate.
   *
   * @param seed the request's seed
   * @param position the position of the token to pick
   * @param id a token id
   * @return {@code −log(−log u)}, finite
   */
  public static double gumbel(long seed, int position, int id) {
    return gumbel(key(seed, position), id);
  }

  /**
   * The ids whose noise is large: every id with at least this noise, and hardly any other. Noise
   * grows with the bits, so that none has to be computed.
   *
   * @param key of {@link #key}
   * @param width ids are below it
   * @param least what noise counts as large
   * @return ids in ascending order
   */
  public static int[] loudIds(long key, int width, double least) {
    long leastStep = leastStep(least);
    int[] loud = new int[capacity(width, 1 - leastStep / UNIFORMS)];
    int count = 0;
    for (int id = 0; id < width; id++) {
      if (bits(key, id) >>> UNIFORM_SHIFT >= leastStep) {
        if (count == loud.length) {
          loud = Arrays.copyOf(loud, 2 * count);
        }
        loud[count++] = id;
      }
    }
    return Arrays.copyOf(loud, count);
  }

  /** What a share of the ids hardly ever exceeds: four standard deviations more than its mean. */
  private static int capacity(int width, double share) {
    double mean = width * share;
    return (int) Math.ceil(mean + 4 * Math.sqrt(mean)) + 1;
  }

  /**
   * The number of the smallest uniform number that may make this noise. It is found from above,
   * where uniform numbers are too near to 1 to tell apart, and rounded down.
   */
  private static long leastStep(double gumbel) {
    double belowOne = -Math.expm1(-Math.exp(-gumbel));
    double steps = Math.ceil(belowOne * UNIFORMS * (1 + 1e-9)) + 1;
    return (long) Math.max(0, UNIFORMS - steps);
  }

  /**
   * A uniform number strictly between 0 and 1.
   *
   * @param bits uniform bits; the upper 52 are used
   * @return the number
   */
  static double uniform(long bits) {
    return ((bits >>> UNIFORM_SHIFT) + 0.5) / UNIFORMS;
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
