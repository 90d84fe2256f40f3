package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a LoRA adapter (arXiv 2106.09685) adds to one linear layer, {@code scale · b · a}; with
 * magnitudes (DoRA, arXiv 2402.09353) the rows of the sum are then brought to those lengths. An
 * embedding is taken as the layer whose weight is its table transposed: immutable.
 *
 * @param module the layer's name in the adapter, such as {@code model.layers.0.self_attn.q_proj}
 * @param a {@code [rank, in]}
 * @param b {@code [out, rank]}
 * @param scale the factor, finite
 * @param magnitude {@code [out]}, the length of each row of the weight
 */
public record LoraTensors(
    String module, StoredTensor a, StoredTensor b, double scale, Optional<StoredTensor> magnitude) {
  public LoraTensors {
    requireNonNull(module, "module");
    requireNonNull(a, "a");
    requireNonNull(b, "b");
    requireNonNull(magnitude, "magnitude");
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

  /**
   * Every tensor of it.
   *
   * @return the tensors, each once
   */
  public Stream<StoredTensor> all() {
    return Stream.concat(Stream.of(a, b), magnitude.stream());
  }
}
