/**
 * Trains models on texts and chats, and the miniature family as a whole: {@link
 * io.proxytune.examples.training.FamilyTrainer} goes through the stages of a {@link
 * io.proxytune.examples.training.FamilyRecipe}.
 */
@NullMarked
package io.proxytune.examples.training;

import org.jspecify.annotations.NullMarked;
