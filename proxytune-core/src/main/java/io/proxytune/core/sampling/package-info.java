/** From fused logits to a token: what a step computes on logits, and its float64 reference. */
@NullMarked
package io.proxytune.core.sampling;

import org.jspecify.annotations.NullMarked;
