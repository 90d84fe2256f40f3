package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.checkpoint.StoredType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Seeded random weights to cut pieces from: normally distributed, deviation 0.02. */
final class RandomBlock {
  static final double DEVIATION = 0.02;

  private static final int VALUES = 1 << 18;
  private static final int STRIDE = 7919; // a prime, so that rows begin at different values

  private final byte[] bytes;
  private final int width;

  private RandomBlock(byte[] bytes, int width) {
    this.bytes = bytes;
    this.width = width;
  }

  /** Values of a dtype, F32 or BF16. */
  static RandomBlock of(StoredType type, long seed) {
    checkArgument(
        type == StoredType.F32 || type == StoredType.BF16, "expected F32 or BF16, got %s", type);
    int width = type.bits() / 8;
    ByteBuffer block = ByteBuffer.allocate(VALUES * width).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(seed);
    for (int i = 0; i < VALUES; i++) {
      int bits = Float.floatToRawIntBits((float) (random.nextGaussian() * DEVIATION));
      if (type == StoredType.F32) {
        block.putInt(bits);
      } else {
        block.putShort((short) (bits >>> 16)); // bfloat16 is the upper half of binary32
      }
    }
    return new RandomBlock(block.array(), width);
  }

  /** Fills a row of at most a quarter of a million values. */
  void fill(byte[] row, int index) {
    int starts = VALUES - row.length / width;
    int start = (int) ((long) index * STRIDE % starts) * width;
    System.arraycopy(bytes, start, row, 0, row.length);
  }
}
