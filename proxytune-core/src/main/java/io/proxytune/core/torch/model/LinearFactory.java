package io.proxytune.core.torch.model;

import io.proxytune.core.torch.kept.KeptWeight;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes linear layers from weights as they are stored. Safe for use by several threads. */
interface LinearFactory {
  /**
   * Makes a layer.
   *
   * @param weight {@code [out, in]}, on the model's device and in its dtype
   * @param bias {@code [out]}, or null
   */
  Linear create(Tensor weight, @Nullable Tensor bias);

  /**
   * Makes a layer of what {@link Linear#kept} gave of one that this factory, or one that packs
   * weights in the same way, had made.
   *
   * @param bias {@code [out]}, or null
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  default Linear restore(KeptWeight kept, long outputs, long inputs, @Nullable Tensor bias) {
    throw new KeptWeight.UnusableException("weights " + layout() + " are not kept");
  }

  /** How layers' weights lie in memory, for people. */
  String layout();

  /** Whether a layer has a copy of its weight, and not the weight itself. */
  boolean copiesWeights();
}
