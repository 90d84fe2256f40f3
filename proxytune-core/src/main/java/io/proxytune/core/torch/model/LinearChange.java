package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter makes of a linear layer's result: {@code factor · y + shift}, and a product of
 * low rank. Immutable but for {@link #close()}; safe for use by several threads.
 *
 * @param factor {@code [out]}, float32: of magnitudes (DoRA)
 * @param shift {@code [out]}, float32: of other biases
 * @param added what is added, any factor being in it
 */
record LinearChange(@Nullable Tensor factor, @Nullable Tensor shift, @Nullable LowRank added)
    implements AutoCloseable {

  /** Whether it is a product alone. */
  boolean isPlain() {
    return factor == null && shift == null;
  }

  /** Changes {@code y}, {@code [tokens, out]}, which is what the layer gives for {@code x}. */
  void applyTo(Tensor y, Tensor x) {
    if (factor != null) {
      y.mul_(factor);
    }
    if (shift != null) {
      y.add_(shift);
    }
    if (added != null) {
      added.addTo(y, x);
    }
  }

  /** Appends what a {@link DecoderScript} takes of a layer that is changed so or not at all. */
  static void append(IValue list, @Nullable LinearChange change, boolean plain) {
    LowRank added = change == null ? null : change.added;
    append(list, added == null ? null : added.down());
    append(list, added == null ? null : added.up());
    if (!plain) {
      append(list, change == null ? null : change.factor);
      append(list, change == null ? null : change.shift);
    }
  }

  private static void append(IValue list, @Nullable Tensor tensor) {
    DecoderScript.append(list, tensor == null ? new IValue() : new IValue(tensor));
  }

  @Override
  public void close() {
    if (factor != null) {
      factor.close();
    }
    if (shift != null) {
      shift.close();
    }
    if (added != null) {
      added.close();
    }
  }
}
