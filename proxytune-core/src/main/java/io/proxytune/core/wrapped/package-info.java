/** Models that stand before others and change what they read and say. */
@NullMarked
package io.proxytune.core.wrapped;

import org.jspecify.annotations.NullMarked;
