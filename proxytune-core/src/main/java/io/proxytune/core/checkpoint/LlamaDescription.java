package io.proxytune.core.checkpoint;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Optional;
import java.util.stream.IntStream;

/** The description of a Llama. */
final class LlamaDescription {
  private final DecoderConfig config;
  private final TensorNames names;

  private LlamaDescription(DecoderConfig config, TensorNames names) {
    this.config = config;
    this.names = names;
  }

  static DecoderSpec of(DecoderConfig config, TensorNames names) {
    return new LlamaDescription(config, names).decoder();
  }

  private DecoderSpec decoder() {
    int width = config.hiddenSize();
    return new DecoderSpec(
        config.architecture(),
        width,
        config.contextLength(),
        EmbeddingSpec.of(names.embedding(), config.vocabularySize(), width),
        IntStream.range(0, config.layers()).mapToObj(this::layer).toList(),
        HeadSpec.of(
            norm(names.finalNorm()),
            LinearSpec.of(module(names.head()), width, config.vocabularySize(), false),
            config.tiedHead()));
  }

  private LayerSpec layer(int index) {
    return LayerSpec.preNorm(
        attention(index),
        mlp(index),
        norm(names.inLayer(index, names.inputNorm())),
        norm(names.inLayer(index, names.postAttentionNorm())));
  }

  private AttentionSpec attention(int index) {
    int headDim = config.headDim();
    int queryWidth = config.heads() * headDim;
    int keyWidth = config.kvHeads() * headDim;
    int width = config.hiddenSize();
    boolean bias = config.attentionBias();
    return AttentionSpec.of(
        config.heads(),
        config.kvHeads(),
        headDim,
        linear(index, names.query(), width, queryWidth, bias),
        linear(index, names.key(), width, keyWidth, bias),
        linear(index, names.value(), width, keyWidth, bias),
        linear(index, names.output(), queryWidth, width, bias),
        Optional.of(new RotarySpec(headDim, false, config.ropeTheta(), config.ropeScaling())));
  }

  private MlpSpec mlp(int index) {
    int width = config.hiddenSize();
    int inner = config.intermediateSize();
    boolean bias = config.mlpBias();
    return new MlpSpec(
        Activation.SILU,
        Optional.of(linear(index, names.gate(), width, inner, bias)),
        linear(index, names.up(), width, inner, bias),
        linear(index, names.down(), inner, width, bias));
  }

  private LinearSpec linear(int layer, String name, int in, int out, boolean bias) {
    return LinearSpec.of(names.inLayer(layer, name), in, out, bias);
  }

  private NormSpec norm(String tensor) {
    return NormSpec.rms(module(tensor), config.hiddenSize(), config.normEpsilon());
  }

  private static String module(String tensor) {
    return tensor.substring(0, tensor.length() - ".weight".length());
  }
}
