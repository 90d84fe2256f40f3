/** Reading and checking Hugging Face checkpoint folders; no weights are touched here. */
@NullMarked
package io.proxytune.core.checkpoint;

import org.jspecify.annotations.NullMarked;
