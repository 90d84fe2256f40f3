package io.proxytune.core.torch.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.nio.ByteBuffer;
import java.util.Map;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * A small matrix of FBGEMM's making, whose record (its sizes, and where its blocks lie) is changed
 * to that of a larger one whose blocks are a tensor's. {@link #close} puts the record back, so that
 * FBGEMM frees what is its own, and refuses products with whoever holds the value still.
 */
final class PointedMatrix implements PackedMatrix {
  private final IValue value;
  private final ImmutableMap<String, Tensor> tensors;
  private final ByteBuffer record;
  private final byte[] own;
  private boolean closed;

  /** The name of the blocks among the tensors. */
  static final String BLOCKS = "blocks";

  /**
   * Takes the record as it is; whoever made this changes it then.
   *
   * @param tensors the blocks, and what else the same can be made of
   */
  PointedMatrix(IValue value, ImmutableMap<String, Tensor> tensors, ByteBuffer record) {
    this.record = record;
    this.own = new byte[record.capacity()];
    record.get(0, own);
    this.value = Native.keep(value);
    this.tensors = tensors;
    tensors.values().forEach(Native::keep);
  }

  /** Where the blocks lie. */
  long address() {
    return requireNonNull(tensors.get(BLOCKS), BLOCKS).data_ptr().address();
  }

  @Override
  public Map<String, Tensor> kept() {
    return tensors;
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
      tensors.values().forEach(Tensor::close);
    }
  }
}
