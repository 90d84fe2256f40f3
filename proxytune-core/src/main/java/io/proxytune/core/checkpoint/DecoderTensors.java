package io.proxytune.core.checkpoint;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The stored tensors of a decoder by their part in it, each of the shape that the config demands:
 * immutable.
 *
 * @param embedding {@code [vocabularySize, hiddenSize]}
 * @param finalNorm {@code [hiddenSize]}
 * @param head {@code [vocabularySize, hiddenSize]}; the same object as the embedding where tied
 * @param layers the layers from the first to the last
 */
public record DecoderTensors(
    StoredTensor embedding, StoredTensor finalNorm, StoredTensor head, List<LayerTensors> layers) {
  public DecoderTensors {
    requireNonNull(embedding, "embedding");
    requireNonNull(finalNorm, "finalNorm");
    requireNonNull(head, "head");
    layers = List.copyOf(layers);
  }

  static DecoderTensors of(DecoderSpec spec, Function<String, StoredTensor> tensors) {
    return new DecoderTensors(
        tensors.apply(spec.embedding().tensor()),
        tensors.apply(spec.head().norm().orElseThrow().weight().orElseThrow()),
        tensors.apply(spec.head().linear().weight()),
        spec.layers().stream().map(layer -> layer(layer, tensors)).toList());
  }

  private static LayerTensors layer(LayerSpec layer, Function<String, StoredTensor> tensors) {
    List<LinearTensors> linears =
        layer.linears().map(linear -> LinearTensors.of(linear, tensors)).toList();
    return new LayerTensors(
        tensors.apply(layer.beforeAttention().orElseThrow().weight().orElseThrow()),
        linears.get(0),
        linears.get(1),
        linears.get(2),
        linears.get(3),
        tensors.apply(layer.beforeFeedForward().orElseThrow().weight().orElseThrow()),
        linears.get(4),
        linears.get(5),
        linears.get(6));
  }

  /**
   * Every tensor once, a tied head not counted again.
   *
   * @return the tensors from the embedding to the head
   */
  public List<StoredTensor> all() {
    Stream<StoredTensor> inLayers = layers.stream().flatMap(LayerTensors::all);
    return Stream.of(Stream.of(embedding), inLayers, Stream.of(finalNorm, head))
        .flatMap(tensors -> tensors)
        .distinct()
        .toList();
  }

  /**
   * The tensors of a layer.
   *
   * @param inputNorm {@code [hiddenSize]}
   * @param query {@code [heads · headDim, hiddenSize]}
   * @param key {@code [kvHeads · headDim, hiddenSize]}
   * @param value {@code [kvHeads · headDim, hiddenSize]}
   * @param output {@code [hiddenSize, heads · headDim]}
   * @param postAttentionNorm {@code [hiddenSize]}
   * @param gate {@code [intermediateSize, hiddenSize]}
   * @param up {@code [intermediateSize, hiddenSize]}
   * @param down {@code [hiddenSize, intermediateSize]}
   */
  public record LayerTensors(
      StoredTensor inputNorm,
      LinearTensors query,
      LinearTensors key,
      LinearTensors value,
      LinearTensors output,
      StoredTensor postAttentionNorm,
      LinearTensors gate,
      LinearTensors up,
      LinearTensors down) {
    Stream<StoredTensor> all() {
      Stream<StoredTensor> linears =
          Stream.of(query, key, value, output, gate, up, down).flatMap(LinearTensors::all);
      return Stream.concat(Stream.of(inputNorm, postAttentionNorm), linears);
    }
  }

  /**
   * The tensors of a linear layer.
   *
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}, or nothing
   */
  public record LinearTensors(StoredTensor weight, @Nullable StoredTensor bias) {
    static LinearTensors of(LinearSpec linear, Function<String, StoredTensor> tensors) {
      return new LinearTensors(
          tensors.apply(linear.weight()), linear.bias().map(tensors).orElse(null));
    }

    Stream<StoredTensor> all() {
      return Stream.concat(Stream.of(weight), Stream.ofNullable(bias));
    }
  }
}
