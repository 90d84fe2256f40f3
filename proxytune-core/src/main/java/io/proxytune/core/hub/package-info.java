/** Models by their names on the Hugging Face Hub: finds them in the cache on this machine. */
@NullMarked
package io.proxytune.core.hub;

import org.jspecify.annotations.NullMarked;
