package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * A small matrix of FBGEMM's making, whose record (its sizes, and where its blocks lie) is changed
 * to that of a larger one whose blocks are a tensor's; so may be LibTorch's object around it.
 * {@link #close} puts all back, so that FBGEMM frees what is its own, and refuses products with
 * whoever holds the value still.
 */
final class PointedMatrix implements PackedMatrix {
  private final IValue value;
  private final ImmutableMap<String, Tensor> kept;
  private final List<Tensor> others;
  private final List<ByteBuffer> records;
  private final List<byte[]> own;
  private boolean closed;

  /** The name of the blocks among the tensors. */
  static final String BLOCKS = "blocks";

  /**
   * Takes records as they are; whoever made this changes them then.
   *
   * @param kept the blocks, and what else the same can be made of again
   * @param others what the records will point to besides
   * @param records the matrix's, and of LibTorch's object around it what will be changed
   */
  PointedMatrix(
      IValue value, ImmutableMap<String, Tensor> kept, List<Tensor> others, ByteBuffer... records) {
    this.records = List.of(records);
    this.own = this.records.stream().map(PointedMatrix::bytes).toList();
    this.value = Native.keep(value);
    this.kept = kept;
    this.others = others;
    kept.values().forEach(Native::keep);
    others.forEach(Native::keep);
  }

  private static byte[] bytes(ByteBuffer record) {
    byte[] bytes = new byte[record.capacity()];
    record.get(0, bytes);
    return bytes;
  }

  @Override
  public Map<String, Tensor> kept() {
    return kept;
  }

  @Override
  public IValue value() {
    return value;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      for (int i = 0; i < own.size(); i++) {
        records.get(i).put(0, own.get(i));
      }
      value.close();
      kept.values().forEach(Tensor::close);
      others.forEach(Tensor::close);
    }
  }
}
