package io.proxytune.core.torch.model;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;

/** What FBGEMM remembers of a matrix of float16 weights: a record of numbers in native memory. */
final class HalfRecord {
  private static final int BYTES = 58;

  // Where its numbers lie, in bytes.
  private static final int INPUTS = 0;
  private static final int OUTPUTS = 4;
  private static final int BLOCK_INPUTS = 8;
  private static final int LAST_BLOCK_INPUTS = 12;
  private static final int BLOCK_OUTPUTS = 16;
  private static final int INPUT_BLOCKS = 20;
  private static final int OUTPUT_BLOCKS = 24;
  private static final int SIZE = 32;
  private static final int WEIGHTS = 48;
  private static final int PACKED = 56;
  private static final int NOT_ITS_OWN = 57;

  private HalfRecord() {}

  /** Looks the record of a packed weight up. */
  static Optional<ByteBuffer> find(IValue packed) {
    return FbgemmObject.findRecord(packed, BYTES);
  }

  /** The same where records are known to be as they are expected. */
  static ByteBuffer of(IValue packed) {
    return FbgemmObject.record(packed, BYTES);
  }

  /** Where the blocks lie. */
  static long weights(ByteBuffer record) {
    return record.getLong(WEIGHTS);
  }

  /** The blocks that the processor's product takes. */
  static HalfBlocks blocks(ByteBuffer record) {
    return new HalfBlocks(record.getInt(BLOCK_OUTPUTS));
  }

  /** Whether a record of FBGEMM's own making says what it must of a weight of such sizes. */
  static boolean isOf(ByteBuffer record, long outputs, long inputs) {
    if (!blocks(record).possible()) {
      return false;
    }
    ByteBuffer expected = ByteBuffer.allocate(BYTES).order(record.order());
    expected.put(0, record, 0, BYTES); // what is not written below may be anything
    write(expected, outputs, inputs, weights(record));
    expected.put(NOT_ITS_OWN, (byte) 0);
    return expected.equals(record)
        && record.getInt(BLOCK_INPUTS) == HalfBlocks.INPUTS
        && record.get(PACKED) == 1;
  }

  /** Makes a record that of a weight of other sizes, whose blocks lie elsewhere. */
  static void write(ByteBuffer record, long outputs, long inputs, long weights) {
    HalfBlocks blocks = blocks(record);
    long last = (inputs - 1) % HalfBlocks.INPUTS + 1;
    record
        .putInt(INPUTS, Math.toIntExact(inputs))
        .putInt(OUTPUTS, Math.toIntExact(outputs))
        .putInt(LAST_BLOCK_INPUTS, (int) last)
        .putInt(INPUT_BLOCKS, (int) HalfBlocks.blocks(inputs, HalfBlocks.INPUTS))
        .putInt(OUTPUT_BLOCKS, (int) HalfBlocks.blocks(outputs, blocks.outputs()))
        .putLong(SIZE, blocks.size(outputs, inputs))
        .putLong(WEIGHTS, weights)
        .put(NOT_ITS_OWN, (byte) 1);
  }
}
