/** Typed access to the JSON files of checkpoints; every refusal names the file and the key. */
@NullMarked
package io.proxytune.core.config;

import org.jspecify.annotations.NullMarked;
