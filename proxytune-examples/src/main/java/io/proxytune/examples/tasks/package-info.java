/**
 * The paper's benchmarks (arXiv 2401.08565), measured as its published outputs were: {@link
 * io.proxytune.examples.tasks.PaperTask} has the files, prompts, stops, extraction and metric of
 * each, {@link io.proxytune.examples.tasks.PaperTasks} finds them by name.
 *
 * <p>Nothing here runs a model. Judges are in {@code judge}, the sandbox for code that a model
 * wrote in {@code sandbox}.
 */
@NullMarked
package io.proxytune.examples.tasks;

import org.jspecify.annotations.NullMarked;
