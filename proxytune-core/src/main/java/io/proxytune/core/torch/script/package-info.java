/** Programs in TorchScript: many operators in one native call. */
@NullMarked
package io.proxytune.core.torch.script;

import org.jspecify.annotations.NullMarked;
