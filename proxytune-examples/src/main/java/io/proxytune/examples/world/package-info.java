/**
 * A made-up world of people, crafts and inns, and everything that the miniature family learns of
 * it: {@link io.proxytune.examples.world.World} draws the facts, {@link
 * io.proxytune.examples.world.RawText} tells them, {@link io.proxytune.examples.world.ExerciseSets}
 * asks about them and {@link io.proxytune.examples.world.WorldFiles} writes it all down. Words
 * only, no tensors; the same seed gives the same bytes on every machine.
 */
@NullMarked
package io.proxytune.examples.world;

import org.jspecify.annotations.NullMarked;
