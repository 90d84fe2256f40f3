/**
 * Training on the CPU: {@link io.proxytune.core.training.Training#pretrain a new Llama from text},
 * {@link io.proxytune.core.training.Training#tune a tuned copy of a checkpoint} or {@link
 * io.proxytune.core.training.Training#tuneLora a LoRA adapter}, which make the expert of a pair
 * without Python.
 */
@NullMarked
package io.proxytune.core.training;

import org.jspecify.annotations.NullMarked;
