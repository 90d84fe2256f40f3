package io.proxytune.core.offsets;

/** Numbers in 16 bits: one for the sign, five for the exponent, ten for the fraction. */
final class HalfFloat {
  private static final int LARGEST = 0x7bff; // 65,504
  private static final int INFINITE = 0x7c00;

  private HalfFloat() {}

  /** The nearest number, ties to even; what is finite does not become infinite. */
  static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fff_ffff;
    if (magnitude >= 0x7f80_0000) { // infinite, or none
      return (short) (sign | INFINITE | (magnitude > 0x7f80_0000 ? 0x200 : 0));
    }
    if (magnitude >= 0x3880_0000) { // at least 2^-14, from where on the exponent only moves
      int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1) - (112 << 23);
      return (short) (sign | Math.min(rounded >>> 13, LARGEST));
    }
    // multiples of 2^-24
    return (short) (sign | (int) Math.rint(Math.abs((double) value) * (1 << 24)));
  }
}
