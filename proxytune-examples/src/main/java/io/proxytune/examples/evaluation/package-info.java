/**
 * Measures what proxy-tuning keeps and gains: {@link
 * io.proxytune.examples.evaluation.EvaluateCommand} and {@link
 * io.proxytune.examples.evaluation.SweepCommand}.
 *
 * <p>{@link io.proxytune.examples.evaluation.FamilyFolder} finds the models, {@link
 * io.proxytune.examples.evaluation.Systems} loads them and makes an {@link
 * io.proxytune.examples.evaluation.Answerer} for each system, an {@link
 * io.proxytune.examples.evaluation.ItemSet} holds the questions, {@link
 * io.proxytune.examples.evaluation.Grader} marks the answers, and {@link
 * io.proxytune.examples.evaluation.GapClosed} sums up.
 */
@NullMarked
package io.proxytune.examples.evaluation;

import org.jspecify.annotations.NullMarked;
