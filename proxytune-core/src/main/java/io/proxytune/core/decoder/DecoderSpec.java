package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A decoder-only transformer: immutable.
 *
 * @param architecture the Hugging Face class, such as {@code LlamaForCausalLM}
 * @param width the width of the residual stream
 * @param contextLength how many tokens a sequence may have
 * @param embedding what the first layer reads
 * @param layers the layers from the first to the last
 * @param head what turns the last layer's result into logits
 */
public record DecoderSpec(
    String architecture,
    int width,
    int contextLength,
    EmbeddingSpec embedding,
    List<LayerSpec> layers,
    HeadSpec head) {
  public DecoderSpec {
    requireNonNull(architecture, "architecture");
    checkArgument(width >= 1, "width must be >= 1, got %s", width);
    checkArgument(contextLength >= 1, "contextLength must be >= 1, got %s", contextLength);
    requireNonNull(embedding, "embedding");
    layers = List.copyOf(layers);
    checkArgument(!layers.isEmpty(), "a decoder needs at least one layer");
    requireNonNull(head, "head");
  }

  /**
   * Up to which length rows are rotated alike whatever their length, which is as long as rows of a
   * batch in training may be.
   *
   * @return the length in tokens, at most the context
   */
  public int constantLength() {
    return layers.stream()
        .flatMap(layer -> layer.attention().rotary().stream())
        .mapToInt(rotary -> rotary.scaling().constantLength())
        .reduce(contextLength, Math::min);
  }

  /**
   * Whether tokens see those behind them, so that a text is read in one pass and never gone on
   * with.
   *
   * @return whether some layer's attention is not causal
   */
  public boolean isBidirectional() {
    return layers.stream().anyMatch(layer -> !layer.attention().causal());
  }

  /**
   * The width of the logits.
   *
   * @return the number of ids
   */
  public int vocabulary() {
    return embedding.vocabulary();
  }

  /**
   * The linear layers between the embedding and the head.
   *
   * @return every one, from the first layer to the last
   */
  public Stream<LinearSpec> linears() {
    return layers.stream().flatMap(LayerSpec::linears);
  }

  /**
   * The same for shorter sequences.
   *
   * @param tokens how many tokens a sequence may have
   * @return the decoder
   */
  public DecoderSpec withContextLength(int tokens) {
    return new DecoderSpec(architecture, width, tokens, embedding, layers, head);
  }

  /**
   * Whether it is a mixture of experts.
   *
   * @return whether some layer has experts
   */
  public boolean hasExperts() {
    return layers.stream().anyMatch(layer -> layer.feedForward() instanceof ExpertsSpec);
  }

  /**
   * The same, each layer changed.
   *
   * @param change what becomes of a layer
   * @return the decoder
   */
  public DecoderSpec withLayers(UnaryOperator<LayerSpec> change) {
    return new DecoderSpec(
        architecture, width, contextLength, embedding, layers.stream().map(change).toList(), head);
  }

  /**
   * The same, the head tied to the embedding or not, as its tensors turn out to be.
   *
   * @param tied whether the embedding's rows are the head's weight
   * @return the decoder
   */
  public DecoderSpec withTiedHead(boolean tied) {
    return new DecoderSpec(
        architecture, width, contextLength, embedding, layers, head.withTied(tied));
  }
}
