/** Packed weights in files, so that the next load reads them instead of packing them anew. */
@NullMarked
package io.proxytune.core.torch.kept;

import org.jspecify.annotations.NullMarked;
