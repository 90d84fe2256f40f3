package io.proxytune.core.decoder;

import java.util.stream.Stream;

/** What a layer computes for each token by itself. */
public sealed interface FeedForwardSpec permits MlpSpec, ExpertsSpec {
  /**
   * Its linear layers.
   *
   * @return every one, each once
   */
  Stream<LinearSpec> linears();
}
