package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * What a LoRA adapter (arXiv 2106.09685) adds to one linear layer, {@code scale · b · a}:
 * immutable.
 *
 * @param module the layer's name, such as {@code model.layers.0.self_attn.q_proj}
 * @param a {@code [rank, in]}
 * @param b {@code [out, rank]}
 * @param scale the factor, finite
 */
public record LoraTensors(String module, StoredTensor a, StoredTensor b, double scale) {
  public LoraTensors {
    requireNonNull(module, "module");
    requireNonNull(a, "a");
    requireNonNull(b, "b");
    checkArgument(Double.isFinite(scale), "scale must be finite, got %s", scale);
  }

  /**
   * The rank of what is added.
   *
   * @return the rank, at least 1
   */
  public int rank() {
    return Math.toIntExact(a.shape().get(0));
  }
}
