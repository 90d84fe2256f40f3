package io.proxytune.core.torch.sampling;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** Rows of logits that a search without sorting could get wrong. */
enum Rows {
  FLAT,
  WIDE,
  PEAKED,
  ZIPF,
  EQUAL,
  TWO_LEVELS,
  BFLOAT16,
  ASCENDING,
  DESCENDING,
  HALF_BANNED,
  FEW_LEFT,
  ONE_LEFT,
  SOFT_BANS,
  OUTLIERS,
  TINY,
  HUGE,
  SIGNED_ZEROS,
  /** Each bin of a search has nearly all of what is left in its first. */
  GEOMETRIC;

  private static final double BANNED = Double.NEGATIVE_INFINITY;
  private static final double LOWEST = -Float.MAX_VALUE;

  /** A row; the first value is never banned. */
  float[] make(int width, Random random) {
    return switch (this) {
      case FLAT -> row(width, id -> random.nextGaussian());
      case WIDE -> row(width, id -> 30 * random.nextGaussian());
      case PEAKED -> row(width, id -> id == 3 % width ? 25 : 2 * random.nextGaussian());
      case ZIPF -> row(width, id -> -Math.log(1 + random.nextInt(width)));
      case EQUAL -> row(width, id -> -3.5);
      case TWO_LEVELS -> row(width, id -> random.nextInt(7) == 0 ? 1 : 0);
      case BFLOAT16 -> row(width, id -> Math.rint(random.nextGaussian() * 32) / 16);
      case ASCENDING -> sorted(width, random);
      case DESCENDING -> reversed(sorted(width, random));
      case HALF_BANNED -> row(width, id -> id % 2 == 1 ? BANNED : 30 * random.nextGaussian());
      case FEW_LEFT -> row(width, id -> id % 97 == 0 ? random.nextGaussian() : BANNED);
      case ONE_LEFT -> row(width, id -> id == 0 ? -7 : BANNED);
      case SOFT_BANS -> row(width, id -> random.nextBoolean() ? LOWEST : random.nextGaussian());
      case OUTLIERS -> row(width, id -> id == 0 ? -1e30 : id < 9 ? -1e9 : random.nextGaussian());
      case TINY -> row(width, id -> random.nextGaussian() * 1e-30);
      case HUGE -> row(width, id -> (random.nextInt(7) - 3) * 1e38);
      case SIGNED_ZEROS -> row(width, id -> new double[] {-1, -0.0, 0.0}[random.nextInt(3)]);
      case GEOMETRIC -> row(width, id -> -Math.pow(1e-3, random.nextInt(15)));
    };
  }

  private static float[] reversed(float[] row) {
    return row(row.length, id -> row[row.length - 1 - id]);
  }

  private static float[] sorted(int width, Random random) {
    float[] row = row(width, id -> random.nextGaussian());
    Arrays.sort(row);
    return row;
  }

  private static float[] row(int width, IntToDoubleFunction logit) {
    float[] row = new float[width];
    for (int id = 0; id < width; id++) {
      row[id] = (float) logit.applyAsDouble(id);
    }
    return row;
  }
}
