package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.IValue;

/**
 * How a {@link DecoderScript} computes a linear layer. The weights stay the layer's.
 *
 * @param weightType the type of each part of the weight, in TorchScript
 * @param statements what returns the product: of {@code x}, {@code [rows, in]} in the model's dtype
 *     or float32 with any row stride, the parts {@code weights[first]}, {@code weights[first + 1]},
 *     …, and {@code bias}, a tensor or None. The result is new, {@code [rows, out]} in the dtype of
 *     {@code x} or in float32
 * @param parts the weight
 * @param bias the bias, or none where the weight has it
 * @param leastRows fewer tokens are padded to so many rows, which is faster
 */
record ScriptedProduct(
    String weightType, String statements, List<IValue> parts, IValue bias, int leastRows) {
  ScriptedProduct {
    parts = List.copyOf(parts);
  }

  /** Whether the same program computes both. */
  boolean isLike(ScriptedProduct other) {
    return weightType.equals(other.weightType)
        && statements.equals(other.statements)
        && parts.size() == other.parts.size()
        && leastRows == other.leastRows;
  }
}
