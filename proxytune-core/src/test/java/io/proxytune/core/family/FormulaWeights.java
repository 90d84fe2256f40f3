package io.proxytune.core.family;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Weights that follow from their tensor's name, as {@code src/test/golden/families.py} has them.
 */
final class FormulaWeights {
  private static final long FNV = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private FormulaWeights() {}

  /** A tensor's values by its rule: shape, offset and unit. */
  static float[] of(String name, JsonNode rule) {
    long count = 1;
    for (long size : shape(rule)) {
      count *= size;
    }
    int[] levels = levels(name, (int) count);
    float[] values = new float[levels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (rule.get(1).doubleValue() + levels[i] * rule.get(2).doubleValue());
    }
    return values;
  }

  /** A number from -32 to 31 for each element. */
  static int[] levels(String name, int count) {
    int[] levels = new int[count];
    long state = hash(name);
    for (int i = 0; i < count; i++) {
      state += GAMMA;
      levels[i] = (int) level(state);
    }
    return levels;
  }

  static long[] shape(JsonNode rule) {
    long[] shape = new long[rule.get(0).size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = rule.get(0).get(i).longValue();
    }
    return shape;
  }

  /** FNV-1a. */
  private static long hash(String name) {
    long hash = FNV;
    for (byte b : name.getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }

  /** SplitMix64, its highest bits as a number from -32 to 31. */
  private static long level(long state) {
    long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return ((z ^ (z >>> 31)) >>> 58) - 32;
  }
}
