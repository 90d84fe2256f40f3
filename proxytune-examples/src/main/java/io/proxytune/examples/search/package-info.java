/**
 * Looks for the strengths that score best with few calls: {@link
 * io.proxytune.examples.search.AlphaSearch}, over anything that scores {@linkplain
 * io.proxytune.examples.search.Strengths strengths} on items.
 */
@NullMarked
package io.proxytune.examples.search;

import org.jspecify.annotations.NullMarked;
