/** The architectures: weights, KV caches and the ragged forward pass. */
@NullMarked
package io.proxytune.core.torch.model;

import org.jspecify.annotations.NullMarked;
