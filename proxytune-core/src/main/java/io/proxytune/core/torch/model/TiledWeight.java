package io.proxytune.core.torch.model;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.ProcessMemory;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A bfloat16 weight that oneDNN laid out for tiles (AMX): blocks of 32 inputs by 64, 32 or 16
 * outputs, two inputs side by side. Its kernels for vectors want blocks of 16 inputs. Where the
 * inputs are a multiple of 32, the two are the same bytes: a block for tiles is two for vectors,
 * one behind the other. So what oneDNN remembers of the weight is changed in place, from one to the
 * other, and it takes the kernel that fits.
 *
 * <p>Only where that record was found to be as it is expected, to the byte, and a product of each
 * kernel right; so with LibTorch 2.10's oneDNN 3.7 on Linux. For the compute thread.
 */
final class TiledWeight {
  // Where LibTorch's tensor has its sizes and oneDNN's memory object, in bytes.
  private static final int TENSOR_SIZES = 64;
  private static final int TENSOR_HANDLE = 184;
  private static final int TENSOR_BYTES = 192;
  private static final int HANDLE_MEMORY = 16;
  private static final int HANDLE_BYTES = 24;

  // Where the memory object describes itself; lists have room for twelve dimensions.
  private static final int LIST = 12 * Long.BYTES;
  private static final int DIMENSIONS = 28;
  private static final int SIZES = 32;
  private static final int TYPE = SIZES + LIST;
  private static final int PADDED_SIZES = TYPE + Long.BYTES;
  private static final int OFFSETS = PADDED_SIZES + LIST;
  private static final int OFFSET = OFFSETS + LIST;
  private static final int KIND = OFFSET + Long.BYTES;
  private static final int STRIDES = KIND + Long.BYTES;
  private static final int BLOCK_COUNT = STRIDES + LIST;
  private static final int BLOCKS = BLOCK_COUNT + Long.BYTES;
  private static final int BLOCK_DIMENSIONS = BLOCKS + LIST;
  private static final int EXTRAS = BLOCK_DIMENSIONS + LIST;
  private static final int BYTES = EXTRAS + Long.BYTES;

  private static final int BFLOAT16 = 2;
  private static final int IN_BLOCKS = 2;
  private static final int TILE_INPUTS = 32;
  private static final int VECTOR_INPUTS = 16;

  private final ByteBuffer memory;
  private final long outputs; // of a block

  private TiledWeight(ByteBuffer memory) {
    this.memory = memory;
    this.outputs = memory.getLong(BLOCKS + Long.BYTES);
  }

  /** Found out once, with a weight that is small. */
  private static final class Trial {
    static final boolean passed = CpuFeatures.multipliesTiles() && TiledWeightTrial.passes();
  }

  /**
   * Finds what oneDNN remembers of a weight.
   *
   * @param packed {@code [out, in]}, as it laid it out
   * @return nothing if it is not for tiles, or not known to be read by vectors as well
   */
  static Optional<TiledWeight> of(Tensor packed) {
    if (!Trial.passed || packed.dim() != 2 || !packed.is_mkldnn()) {
      return Optional.empty();
    }
    ByteBuffer tensor = ProcessMemory.at(address(packed), TENSOR_BYTES);
    ByteBuffer handle = ProcessMemory.at(tensor.getLong(TENSOR_HANDLE), HANDLE_BYTES);
    ByteBuffer memory = ProcessMemory.at(handle.getLong(HANDLE_MEMORY), BYTES);
    return Optional.of(memory)
        .filter(found -> isOf(found, packed.size(0), packed.size(1)))
        .map(TiledWeight::new);
  }

  /** The same where it is not known yet what tensors are like. */
  static Optional<TiledWeight> find(Tensor packed) {
    long rows = packed.size(0);
    long columns = packed.size(1);
    return ProcessMemory.find(address(packed), TENSOR_BYTES)
        .filter(tensor -> isOfSizes(tensor, rows, columns))
        .flatMap(tensor -> ProcessMemory.find(tensor.getLong(TENSOR_HANDLE), HANDLE_BYTES))
        .flatMap(handle -> ProcessMemory.find(handle.getLong(HANDLE_MEMORY), BYTES))
        .filter(memory -> isOf(memory, rows, columns))
        .map(TiledWeight::new);
  }

  private static long address(Tensor tensor) {
    return requireNonNull(tensor.unsafeGetTensorImpl(), "tensor").address();
  }

  private static boolean isOfSizes(ByteBuffer tensor, long rows, long columns) {
    return tensor.getLong(TENSOR_SIZES) == 2
        && tensor.getLong(TENSOR_SIZES + Long.BYTES) == rows
        && tensor.getLong(TENSOR_SIZES + 2 * Long.BYTES) == columns;
  }

  /** Whether a record says what it must of a weight of such sizes in blocks for tiles. */
  private static boolean isOf(ByteBuffer memory, long rows, long columns) {
    long outputs = memory.getLong(BLOCKS + Long.BYTES);
    if (columns % TILE_INPUTS != 0 || (outputs != 64 && outputs != 32 && outputs != 16)) {
      return false;
    }
    long padded = (rows + outputs - 1) / outputs * outputs;
    ByteBuffer expected = ByteBuffer.allocate(BYTES).order(memory.order());
    expected.put(0, memory, 0, BYTES); // behind an int may be anything
    expected.putInt(DIMENSIONS, 2).putInt(TYPE, BFLOAT16).putInt(KIND, IN_BLOCKS);
    expected.putInt(BLOCK_COUNT, 3).putLong(OFFSET, 0).putLong(EXTRAS, 0);
    putList(expected, SIZES, rows, columns);
    putList(expected, PADDED_SIZES, padded, columns);
    putList(expected, OFFSETS);
    putList(expected, STRIDES, outputs * columns, outputs * TILE_INPUTS);
    putList(expected, BLOCKS, TILE_INPUTS / 2, outputs, 2);
    putList(expected, BLOCK_DIMENSIONS, 1, 0, 1);
    return expected.equals(memory);
  }

  private static void putList(ByteBuffer record, int at, long... values) {
    for (int i = 0; i < LIST / Long.BYTES; i++) {
      record.putLong(at + i * Long.BYTES, i < values.length ? values[i] : 0);
    }
  }

  /** Has the products that come computed by tiles. */
  void useTiles() {
    describe(TILE_INPUTS);
  }

  /** Has the products that come computed by vectors. */
  void useVectors() {
    describe(VECTOR_INPUTS);
  }

  private void describe(long inputs) {
    memory.putLong(STRIDES + Long.BYTES, outputs * inputs).putLong(BLOCKS, inputs / 2);
  }
}
