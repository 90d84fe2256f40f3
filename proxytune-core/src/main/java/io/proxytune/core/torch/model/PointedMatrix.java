package io.proxytune.core.torch.model;

import java.nio.ByteBuffer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * A small matrix of FBGEMM's making, whose record (its sizes, and where its blocks lie) is changed
 * to that of a larger one whose blocks are a tensor's. {@link #close} puts the record back, so that
 * FBGEMM frees what is its own, and refuses products with whoever holds the value still.
 */
final class PointedMatrix implements PackedMatrix {
  private final IValue value;
  private final Tensor blocks;
  private final ByteBuffer record;
  private final byte[] own;
  private boolean closed;

  /** Takes the record as it is; whoever made this changes it then. */
  PointedMatrix(IValue value, Tensor blocks, ByteBuffer record) {
    this.record = record;
    this.own = new byte[record.capacity()];
    record.get(0, own);
    this.value = Native.keep(value);
    this.blocks = Native.keep(blocks);
  }

  @Override
  public IValue value() {
    return value;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      record.put(0, own);
      value.close();
      blocks.close();
    }
  }
}
