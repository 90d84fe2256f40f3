package io.proxytune.core.torch.model;

/** Rounds weights to few bits and back in plain Java, one value after the other. */
public final class RoundingOracle {
  private RoundingOracle() {}

  /** Symmetric, one scale a row. */
  public static double[][] int8(float[][] weight) {
    double[][] result = new double[weight.length][];
    for (int row = 0; row < weight.length; row++) {
      result[row] = int8(weight[row]);
    }
    return result;
  }

  private static double[] int8(float[] row) {
    float largest = 0;
    for (float value : row) {
      largest = Math.max(largest, Math.abs(value));
    }
    float scale = Math.max(largest / 127, 1e-30f);
    double[] result = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      result[i] = Math.rint(row[i] / scale) * scale;
    }
    return result;
  }

  /** A scale and a zero for each group; the last group of a row may be shorter. */
  public static double[][] int4(float[][] weight, int group) {
    double[][] result = new double[weight.length][weight[0].length];
    for (int row = 0; row < weight.length; row++) {
      for (int from = 0; from < weight[row].length; from += group) {
        int4(weight[row], result[row], from, Math.min(from + group, weight[row].length));
      }
    }
    return result;
  }

  private static void int4(float[] row, double[] result, int from, int to) {
    float least = 0;
    float most = 0;
    for (int i = from; i < to; i++) {
      least = Math.min(least, row[i]);
      most = Math.max(most, row[i]);
    }
    float scale = bfloat16(Math.max((most - least) / 15, 1e-30f));
    float zero = bfloat16(least + 8 * scale);
    for (int i = from; i < to; i++) {
      double step = Math.rint((row[i] - zero) / scale) + 8;
      result[i] = (Math.max(0, Math.min(15, step)) - 8) * scale + zero;
    }
  }

  /** To the nearest, ties to even. */
  static float bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int rounded = bits + 0x7fff + ((bits >>> 16) & 1);
    return Float.intBitsToFloat(rounded & 0xffff0000);
  }
}
