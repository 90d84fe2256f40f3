/**
 * The first experiments of the method, each a command under {@link
 * io.proxytune.examples.experiments.ExperimentCommand}: what the offset prefers, where a synthetic
 * offset breaks the text, and a classification task.
 */
@NullMarked
package io.proxytune.examples.experiments;

import org.jspecify.annotations.NullMarked;
