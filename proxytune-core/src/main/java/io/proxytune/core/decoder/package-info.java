/**
 * A decoder-only transformer as data: which layers it has, what each computes, and where its
 * weights lie in a checkpoint. A family of models is a function from a config to a {@link
 * io.proxytune.core.decoder.DecoderSpec}; whatever has to know a model's shape (binding of tensors,
 * passes, adapters, memory, training) walks that description, and nothing asks which family it is.
 */
@NullMarked
package io.proxytune.core.decoder;

import org.jspecify.annotations.NullMarked;
