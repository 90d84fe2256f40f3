package io.proxytune.core.torch.model;

import io.proxytune.core.torch.ProcessMemory;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;

/** What FBGEMM remembers of a matrix of 8-bit weights: a record of numbers in native memory. */
final class Int8Record {
  private static final int BYTES = 100;

  // Where its numbers lie, in bytes.
  private static final int WEIGHTS = 8;
  private static final int BLOCK_INPUTS = 16;
  private static final int BLOCK_OUTPUTS = 20;
  private static final int INPUT_BLOCKS = 24;
  private static final int OUTPUT_BLOCKS = 28;
  private static final int ITS_OWN = 32;
  private static final int INPUTS = 48;
  private static final int OUTPUTS = 52;
  private static final int PACKED_INPUTS = 64;
  private static final int PACKED_OUTPUTS = 72;
  private static final int LAST_BLOCK_INPUTS = 76;
  private static final int LAST_BLOCK_OUTPUTS = 80;
  private static final int STRIDE = 96;

  // In LibTorch's object: a vector of the sums of each output's weights.
  private static final int SUMS = 40;
  private static final int SUMS_END = 48;
  private static final int OBJECT = 56;

  private Int8Record() {}

  /** Looks the record of a packed weight up. */
  static Optional<ByteBuffer> find(IValue packed) {
    return FbgemmObject.findRecord(packed, BYTES);
  }

  /** The same where records are known to be as they are expected. */
  static ByteBuffer of(IValue packed) {
    return FbgemmObject.record(packed, BYTES);
  }

  /** Where the vector of sums begins, if it has so many of them. */
  static Optional<Long> findSums(IValue packed, long outputs) {
    return FbgemmObject.find(packed, OBJECT)
        .filter(o -> o.getLong(SUMS_END) - o.getLong(SUMS) == outputs * Integer.BYTES)
        .map(o -> o.getLong(SUMS));
  }

  /** The same where objects are known to be as they are expected. */
  static long sums(IValue packed) {
    return FbgemmObject.of(packed, OBJECT).getLong(SUMS);
  }

  /** Where the blocks lie. */
  static long weights(ByteBuffer record) {
    return record.getLong(WEIGHTS);
  }

  /** The blocks that the processor's product takes. */
  static Int8Blocks blocks(ByteBuffer record) {
    return new Int8Blocks(record.getInt(BLOCK_OUTPUTS), record.getInt(BLOCK_INPUTS));
  }

  /** Whether a record of FBGEMM's own making says what it must of a weight of such sizes. */
  static boolean isOf(ByteBuffer record, long outputs, long inputs) {
    Int8Blocks blocks = blocks(record);
    if (!blocks.possible()) {
      return false;
    }
    ByteBuffer expected = ByteBuffer.allocate(BYTES).order(record.order());
    expected.put(0, record, 0, BYTES); // what is not written below may be anything
    write(expected, inputs, weights(record));
    int lastOutputs = (int) ((outputs - 1) % blocks.outputs() + 1);
    expected
        .put(ITS_OWN, (byte) 1)
        .putInt(OUTPUTS, Math.toIntExact(outputs))
        .putInt(PACKED_OUTPUTS, Math.toIntExact(outputs))
        .putInt(OUTPUT_BLOCKS, (int) HalfBlocks.blocks(outputs, blocks.outputs()))
        .putInt(LAST_BLOCK_OUTPUTS, lastOutputs);
    return expected.equals(record);
  }

  /** Frees the blocks of a record of FBGEMM's own making, which has none then. */
  static void free(ByteBuffer record) {
    ProcessMemory.free(weights(record));
    record.putLong(WEIGHTS, 0);
  }

  /** Makes a record that of a weight of as many outputs and other inputs, elsewhere. */
  static void write(ByteBuffer record, long inputs, long weights) {
    int block = record.getInt(BLOCK_INPUTS);
    int all = Math.toIntExact(inputs);
    record
        .putInt(INPUTS, all)
        .putInt(PACKED_INPUTS, all)
        .putInt(STRIDE, all)
        .putInt(LAST_BLOCK_INPUTS, (all - 1) % block + 1)
        .putInt(INPUT_BLOCKS, (int) HalfBlocks.blocks(inputs, block))
        .putLong(WEIGHTS, weights)
        .put(ITS_OWN, (byte) 0);
  }
}
