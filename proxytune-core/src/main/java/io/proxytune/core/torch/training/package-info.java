/** Training with LibTorch's gradients: weights in flat tensors, the forward pass, AdamW. */
@NullMarked
package io.proxytune.core.torch.training;

import org.jspecify.annotations.NullMarked;
