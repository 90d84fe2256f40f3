package io.proxytune.core.torch.model;

import io.proxytune.core.torch.ProcessMemory;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;

/**
 * LibTorch's object around a matrix of FBGEMM's: its methods, its count of references, and where
 * the matrix's record lies.
 */
final class FbgemmObject {
  private static final int RECORD = 16;

  private FbgemmObject() {}

  /** Looks so many bytes of the object up, where they are known to be memory. */
  static Optional<ByteBuffer> find(IValue packed, int bytes) {
    return ProcessMemory.find(address(packed), bytes);
  }

  /** Looks the matrix's record up. */
  static Optional<ByteBuffer> findRecord(IValue packed, int bytes) {
    return find(packed, RECORD + Long.BYTES)
        .flatMap(object -> ProcessMemory.find(object.getLong(RECORD), bytes));
  }

  /** The object where objects are known to be as they are expected. */
  static ByteBuffer of(IValue packed, int bytes) {
    return ProcessMemory.at(address(packed), bytes);
  }

  /** The matrix's record there. */
  static ByteBuffer record(IValue packed, int bytes) {
    return ProcessMemory.at(of(packed, RECORD + Long.BYTES).getLong(RECORD), bytes);
  }

  private static long address(IValue packed) {
    return packed.toObject().getSlot(0).internalToPointer().address();
  }
}
