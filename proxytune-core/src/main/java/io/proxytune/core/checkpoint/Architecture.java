package io.proxytune.core.checkpoint;

import io.proxytune.core.config.ConfigJson;

/**
 * A kind of model that can be loaded: what its {@code config.json} means and how its tensors are
 * named. A new one is a class like {@link LlamaArchitecture} and a line in {@link Architectures}.
 * Implementations are immutable.
 */
interface Architecture {
  /** The Hugging Face class that {@code architectures} names. */
  String name();

  /** The class of the body alone, whose checkpoints have other names or lack a tied head. */
  String bodyName();

  /** What {@code model_type} says, for a config without {@code architectures}. */
  String modelType();

  /**
   * Reads and checks a config.
   *
   * @throws io.proxytune.CheckpointException if a key is missing, out of range or unsupported
   */
  DecoderConfig read(ConfigJson config);

  /** The names of its tensors; most architectures share Llama's. */
  default TensorNames tensorNames() {
    return TensorNames.LLAMA;
  }
}
