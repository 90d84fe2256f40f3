package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.LinearSpec;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors that a {@link TrainingGraph} begins with, trained or frozen. They stay their owner's.
 */
public interface TrainingWeights {
  /**
   * A tensor as a checkpoint stores it.
   *
   * @param name its name in the description
   * @return the tensor, in the dtype of the passes
   */
  Tensor tensor(String name);

  /**
   * The tensors of linear layers that read the same input, as one.
   *
   * @param names their names, of weights or of biases; of {@linkplain LinearSpec#areStackable
   *     stackable} layers
   * @return all of them one below the other
   */
  Tensor stacked(List<String> names);

  /**
   * What is added to a linear layer.
   *
   * @param linear the layer
   * @return its adapter, if it has one
   */
  Optional<Adapter> adapter(LinearSpec linear);

  /**
   * {@code scale · b · a} (LoRA, arXiv 2106.09685).
   *
   * @param a {@code [rank, in]}
   * @param b {@code [rows of the module, rank]}
   * @param scale the factor
   */
  record Adapter(Tensor a, Tensor b, double scale) {}
}
