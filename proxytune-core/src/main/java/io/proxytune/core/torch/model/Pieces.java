package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Makes the pieces that a {@link DecoderAssembly} puts together. For one thread. */
interface Pieces {
  /** A stored tensor, in the model's dtype. */
  Tensor tensor(String name);

  /** The same in float32. */
  Tensor wideTensor(String name);

  /** A factor as the model's dtype has it. */
  double rounded(double factor);

  /**
   * A norm.
   *
   * @param wide whether it computes in float32 in a model of 16 bits
   */
  Norm norm(NormSpec spec, boolean wide);

  /** One layer from several that read the same input: their outputs stand side by side. */
  Linear linear(List<LinearSpec> parts);

  /** A layer that is small, and multiplied as it is stored. */
  Linear plain(LinearSpec linear);

  /**
   * The head's product.
   *
   * @param embedding the embedding's rows
   */
  Linear head(HeadSpec head, Tensor embedding);

  Rotary rotary(RotarySpec spec);

  AttentionKernel kernel(AttentionShape shape);

  /** Says that a layer, or the head, is complete. */
  default void layerDone() {}
}
