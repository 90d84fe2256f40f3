package io.proxytune.core.sampling;

/**
 * Counter-based Gumbel noise: a pure function of (seed, position, id), so that a token's noise does
 * not depend on the vocabulary's width, the batch, the device or what was drawn before.
 *
 * <p>The bits are SplitMix64's (Steele, Lea and Flood, OOPSLA 2014) over a hashed counter:
 * additions and multiplications that wrap, shifts and xors, which a tensor of int64 computes
 * identically. The uniform number has 52 bits and a half, so it is never 0 or 1 and the noise is
 * always finite: in {@code [−3.61, 36.74]}. Safe for use by several threads.
 */
public final class Noise {
  /** The odd number nearest to 2^64 divided by the golden ratio: the distance of two ids. */
  public static final long ID_STEP = 0x9E3779B97F4A7C15L;

  /** The shifts of the mixing function, the last one after both multiplications. */
  public static final int SHIFT_1 = 30;

  /** See {@link #SHIFT_1}. */
  public static final int SHIFT_2 = 27;

  /** See {@link #SHIFT_1}. */
  public static final int SHIFT_3 = 31;

  /** The first multiplier of the mixing function. */
  public static final long MULTIPLIER_1 = 0xBF58476D1CE4E5B9L;

  /** The second multiplier of the mixing function. */
  public static final long MULTIPLIER_2 = 0x94D049BB133111EBL;

  /** How many of the 64 mixed bits are dropped to leave the 52 of a uniform number. */
  public static final int UNIFORM_SHIFT = 12;

  /** The distance of two neighbouring uniform numbers. */
  public static final double UNIFORM_STEP = 0x1p-52;

  /** Differs from {@link #ID_STEP}, so that positions and ids are no shifted copies. */
  private static final long POSITION_STEP = 0xD1B54A32D192ED03L;

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
   * A uniform number strictly between 0 and 1.
   *
   * @param bits uniform bits; the upper 52 are used
   * @return the number
   */
  static double uniform(long bits) {
    return ((bits >>> UNIFORM_SHIFT) + 0.5) * UNIFORM_STEP;
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> SHIFT_1)) * MULTIPLIER_1;
    z = (z ^ (z >>> SHIFT_2)) * MULTIPLIER_2;
    return z ^ (z >>> SHIFT_3);
  }
}
