package io.proxytune.core.torch.model;

import java.util.Map;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight as FBGEMM's products take it. Immutable but for {@link #close()}, behind which no
 * product may take it.
 */
interface PackedMatrix extends AutoCloseable {
  /** {@link HalfLinear#SCRIPT_TYPE}; it stays this object's. */
  IValue value();

  /**
   * What the same can be made of again.
   *
   * @return tensors on the CPU without gaps, which stay this object's; none where it can't
   */
  default Map<String, Tensor> kept() {
    return Map.of();
  }

  @Override
  void close();

  /** One that FBGEMM laid out itself; the value outlives the scope it was made in. */
  static PackedMatrix byFbgemm(IValue value) {
    return new OfFbgemm(Native.keep(value));
  }

  /** What FBGEMM laid out itself. */
  record OfFbgemm(IValue value) implements PackedMatrix {
    @Override
    public void close() {
      value.close();
    }
  }
}
