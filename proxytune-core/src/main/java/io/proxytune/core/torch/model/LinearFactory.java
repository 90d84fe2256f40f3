package io.proxytune.core.torch.model;

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

  /** How layers' weights lie in memory, for people. */
  String layout();

  /** Whether a layer has a copy of its weight, and not the weight itself. */
  boolean copiesWeights();
}
