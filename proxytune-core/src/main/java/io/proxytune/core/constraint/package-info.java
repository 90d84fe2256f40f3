/**
 * Constrained decoding: a form becomes an automaton over bytes, and each of its states a mask over
 * the tokens of a vocabulary.
 *
 * <p>{@link io.proxytune.core.constraint.ConstraintForms} takes a {@link io.proxytune.Constraint}
 * apart into a {@link io.proxytune.core.constraint.Form}, {@link
 * io.proxytune.core.constraint.GrammarBuilder} makes rules of it whose edges are bytes, and {@link
 * io.proxytune.core.constraint.Automaton} makes states of those as texts get there. {@link
 * io.proxytune.core.constraint.VocabularyConstraint} is what the sampling of a text sees.
 */
@NullMarked
package io.proxytune.core.constraint;

import org.jspecify.annotations.NullMarked;
