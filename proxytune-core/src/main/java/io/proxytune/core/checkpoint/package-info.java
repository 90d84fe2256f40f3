/** Reading and checking Hugging Face checkpoint folders; no weights are loaded here. */
@NullMarked
package io.proxytune.core.checkpoint;

import org.jspecify.annotations.NullMarked;
