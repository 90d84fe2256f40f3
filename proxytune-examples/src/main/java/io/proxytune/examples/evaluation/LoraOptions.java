package io.proxytune.examples.evaluation;

import io.proxytune.core.LoadOptions;
import java.nio.file.Path;
import java.util.Optional;

/** How a model is loaded with an adapter: nothing until the core reads adapters. */
final class LoraOptions {
  private LoraOptions() {}

  @SuppressWarnings("unused")
  static Optional<LoadOptions> adapted(LoadOptions options, Path adapter) {
    return Optional.empty();
  }
}
