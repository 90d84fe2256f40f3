package io.proxytune.core.torch.model;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter's matrices, layer by layer. Immutable but for {@link #close()}; safe for use by
 * several threads.
 */
final class AdapterWeights implements AutoCloseable {
  private final List<Layer> layers;
  private final @Nullable LowRank head;

  AdapterWeights(List<Layer> layers, @Nullable LowRank head) {
    this.layers = List.copyOf(layers);
    this.head = head;
  }

  /** A decoder layer's part. */
  Layer layer(int index) {
    return layers.get(index);
  }

  /** The output projection's, null where it is not adapted. */
  @Nullable LowRank head() {
    return head;
  }

  /** One decoder layer's, null where a linear layer is not adapted. */
  record Layer(
      @Nullable LowRank queryKeyValue,
      @Nullable LowRank output,
      @Nullable LowRank gateUp,
      @Nullable LowRank down) {
    private Stream<@Nullable LowRank> all() {
      return Stream.of(queryKeyValue, output, gateUp, down);
    }
  }

  @Override
  public void close() {
    Stream.concat(layers.stream().flatMap(Layer::all), Stream.of(head))
        .filter(Objects::nonNull)
        .forEach(LowRank::close);
  }
}
