package io.proxytune.core.torch.model;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter adds to a linear layer, {@code (x Aᵀ) Bᵀ}, with the adapter's scale in B.
 * Immutable but for {@link #close()}; safe for use by several threads.
 */
final class LowRank implements AutoCloseable {
  private final Tensor down; // [in, rank]
  private final Tensor up; // [rank, out]
  private final @Nullable Halves halves;

  /** Both again as FBGEMM packs float16 weights: two to three times as fast for few rows. */
  record Halves(PackedMatrix down, PackedMatrix up) {}

  /**
   * Takes {@code a}, {@code [rank, in]}, and {@code b}, {@code [out, rank]}.
   *
   * @param kernels what copies them into float16, where that is wanted
   */
  LowRank(Tensor a, Tensor b, Optional<HalfLinear.Kernels> kernels) {
    this.halves =
        kernels
            .filter(any -> HalfLinear.canHold(a) && HalfLinear.canHold(b))
            .map(some -> new Halves(some.pack(a, null), some.pack(b, null)))
            .orElse(null);
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

  /** Both in float16; they stay this object's. */
  Optional<Halves> halves() {
    return Optional.ofNullable(halves);
  }

  /** Adds to {@code y}, {@code [tokens, out]}, what the layer adds for {@code x}. */
  void addTo(Tensor y, Tensor x) {
    y.addmm_(x.mm(down), up);
  }

  @Override
  public void close() {
    down.close();
    up.close();
    if (halves != null) {
      halves.down.close();
      halves.up.close();
    }
  }
}
