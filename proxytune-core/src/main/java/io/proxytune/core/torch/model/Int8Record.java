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

  // In LibTorch's object, vectors: where one begins, where it ends, and where its memory ends.
  private static final int OBJECT = 112;
  private static final int VECTOR_END = 8;
  private static final int VECTOR_MEMORY_END = 16;

  /** The vector of each output's sum of weights, int32. */
  static final int SUMS = 40;

  /** That of their scales, float32. */
  static final int SCALES = 64;

  /** That of their zero points, int32. */
  static final int ZERO_POINTS = 88;

  private Int8Record() {}

  /** Looks the record of a packed weight up. */
  static Optional<ByteBuffer> find(IValue packed) {
    return FbgemmObject.findRecord(packed, BYTES);
  }

  /** The same where records are known to be as they are expected. */
  static ByteBuffer of(IValue packed) {
    return FbgemmObject.record(packed, BYTES);
  }

  /** Looks LibTorch's object around it up. */
  static Optional<ByteBuffer> findObject(IValue packed) {
    return FbgemmObject.find(packed, OBJECT);
  }

  /** The same where objects are known to be as they are expected. */
  static ByteBuffer object(IValue packed) {
    return FbgemmObject.of(packed, OBJECT);
  }

  /** Looks a vector's numbers up, if it has so many bytes of them. */
  static Optional<ByteBuffer> findVector(ByteBuffer object, int vector, int bytes) {
    long begin = object.getLong(vector);
    return object.getLong(vector + VECTOR_END) - begin == bytes
        ? ProcessMemory.find(begin, bytes)
        : Optional.empty();
  }

  /** Makes a vector one of numbers that lie elsewhere. */
  static void writeVector(ByteBuffer object, int vector, long address, long bytes) {
    object
        .putLong(vector, address)
        .putLong(vector + VECTOR_END, address + bytes)
        .putLong(vector + VECTOR_MEMORY_END, address + bytes);
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
    write(expected, outputs, inputs, weights(record));
    expected.put(ITS_OWN, (byte) 1);
    return expected.equals(record);
  }

  /** Makes a record that of a weight of other sizes, whose blocks lie elsewhere. */
  static void write(ByteBuffer record, long outputs, long inputs, long weights) {
    Int8Blocks blocks = blocks(record);
    int rows = Math.toIntExact(outputs);
    int all = Math.toIntExact(inputs);
    record
        .putInt(INPUTS, all)
        .putInt(PACKED_INPUTS, all)
        .putInt(STRIDE, all)
        .putInt(LAST_BLOCK_INPUTS, (all - 1) % blocks.inputs() + 1)
        .putInt(INPUT_BLOCKS, (int) HalfBlocks.blocks(inputs, blocks.inputs()))
        .putInt(OUTPUTS, rows)
        .putInt(PACKED_OUTPUTS, rows)
        .putInt(LAST_BLOCK_OUTPUTS, (rows - 1) % blocks.outputs() + 1)
        .putInt(OUTPUT_BLOCKS, (int) HalfBlocks.blocks(outputs, blocks.outputs()))
        .putLong(WEIGHTS, weights)
        .put(ITS_OWN, (byte) 0);
  }
}
