package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.proxytune.core.decoder.RopeScaling;

/**
 * The sizes and constants of a decoder-only transformer, checked: immutable.
 *
 * @param architecture the Hugging Face class, such as {@code LlamaForCausalLM}
 * @param vocabularySize the rows of the embedding, which is the width of the logits
 * @param hiddenSize the width of the residual stream
 * @param intermediateSize the width inside the MLP
 * @param layers the number of layers
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads, a divisor of {@code heads}
 * @param headDim the width of a head, even; {@code heads · headDim} may differ from the hidden size
 * @param normEpsilon what RMS norm adds to the mean square
 * @param contextLength how many tokens a sequence may have
 * @param ropeTheta the base of the rotary embeddings' wavelengths
 * @param ropeScaling how these are stretched
 * @param tiedHead whether the embedding is the head's weight too
 * @param attentionBias whether the query, key, value and output projections have biases
 * @param mlpBias whether the gate, up and down projections have biases
 */
public record DecoderConfig(
    String architecture,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    double normEpsilon,
    int contextLength,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean tiedHead,
    boolean attentionBias,
    boolean mlpBias) {
  public DecoderConfig {
    requireNonNull(architecture, "architecture");
    checkAtLeastOne("vocabularySize", vocabularySize);
    checkAtLeastOne("hiddenSize", hiddenSize);
    checkAtLeastOne("intermediateSize", intermediateSize);
    checkAtLeastOne("layers", layers);
    checkAtLeastOne("heads", heads);
    checkAtLeastOne("kvHeads", kvHeads);
    checkArgument(heads % kvHeads == 0, "kvHeads must divide heads %s, got %s", heads, kvHeads);
    checkArgument(
        headDim >= 2 && headDim % 2 == 0, "headDim must be even and >= 2, got %s", headDim);
    checkArgument(normEpsilon > 0, "normEpsilon must be > 0, got %s", normEpsilon);
    checkAtLeastOne("contextLength", contextLength);
    checkArgument(ropeTheta > 0, "ropeTheta must be > 0, got %s", ropeTheta);
    requireNonNull(ropeScaling, "ropeScaling");
  }

  /** The same sizes, the head tied to the embedding or not, as its tensors turn out to be. */
  DecoderConfig withTiedHead(boolean tied) {
    return new DecoderConfig(
        architecture,
        vocabularySize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        kvHeads,
        headDim,
        normEpsilon,
        contextLength,
        ropeTheta,
        ropeScaling,
        tied,
        attentionBias,
        mlpBias);
  }

  private static void checkAtLeastOne(String name, int value) {
    checkArgument(value >= 1, "%s must be >= 1, got %s", name, value);
  }
}
