package io.proxytune.core.torch.training;

import org.bytedeco.pytorch.Tensor;

/** The linear layers of a {@link LinearGroup} as part of a graph. */
interface Projection {
  /** {@code x} is {@code [tokens, in]}; the result {@code [tokens, out]}, side by side. */
  Tensor apply(Tensor x);
}
