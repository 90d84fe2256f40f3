package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;

/**
 * What an adapter adds to a linear layer, {@code (x Aᵀ) Bᵀ}, with the adapter's scale in B.
 * Immutable but for {@link #close()}; safe for use by several threads.
 */
final class LowRank implements AutoCloseable {
  private final Tensor down; // [in, rank]
  private final Tensor up; // [rank, out]

  /** Takes {@code a}, {@code [rank, in]}, and {@code b}, {@code [out, rank]}. */
  LowRank(Tensor a, Tensor b) {
    this.down = Native.keep(a.t());
    this.up = Native.keep(b.t());
  }

  /** {@code [in, rank]}; it stays this object's. */
  Tensor down() {
    return down;
  }

  /** {@code [rank, out]}; it stays this object's. */
  Tensor up() {
    return up;
  }

  /** Adds to {@code y}, {@code [tokens, out]}, what the layer adds for {@code x}. */
  void addTo(Tensor y, Tensor x) {
    y.addmm_(x.mm(down), up);
  }

  @Override
  public void close() {
    down.close();
    up.close();
  }
}
