/** Fusion and sampling as tensor operations on the device. */
@NullMarked
package io.proxytune.core.torch.sampling;

import org.jspecify.annotations.NullMarked;
