package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import java.util.Set;

/**
 * What a description is made from: immutable.
 *
 * @param architecture the Hugging Face class
 * @param config the config, or the part of it that is about text
 * @param stored the names of the tensors that are stored, which tell published forms apart
 */
record Source(String architecture, ConfigJson config, Set<String> stored) {
  Source {
    stored = Set.copyOf(stored);
  }

  /** The same with what transformers gives a config without a key. */
  Source withDefault(String key, int value) {
    return new Source(architecture, config.withDefault(key, value), stored);
  }

  Source withDefault(String key, boolean value) {
    return new Source(architecture, config.withDefault(key, value), stored);
  }
}
