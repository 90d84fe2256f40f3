/**
 * Which models fit together: {@link io.proxytune.core.fit.FitReport} compares folders before
 * anything of them is loaded.
 */
@NullMarked
package io.proxytune.core.fit;

import org.jspecify.annotations.NullMarked;
