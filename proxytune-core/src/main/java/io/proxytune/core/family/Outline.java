package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.config.RopeConfig;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.EmbeddingSpec.LearnedPositions;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The sizes and names that the parts of a decoder have in common. Immutable. */
final class Outline {
  private final Source source;
  private final ConfigJson config;
  private final Style style;
  private final Keys keys;
  private final double epsilon;

  Outline(Source source, Style style) {
    this.source = source;
    this.config = source.config();
    this.style = style;
    this.keys = style.keys().asIn(config);
    this.epsilon = config.positive(keys.epsilon(), style.epsilon());
  }

  ConfigJson config() {
    return config;
  }

  boolean stores(String tensor) {
    return source.stored().contains(tensor);
  }

  boolean flag(String key) {
    return config.flag(key, false);
  }

  String layer(int index) {
    return style.body() + style.layers() + index + ".";
  }

  double epsilon() {
    return epsilon;
  }

  int width() {
    return config.positiveInt(keys.width());
  }

  int vocabulary() {
    return config.positiveInt("vocab_size");
  }

  int inner() {
    return config.positiveInt(keys.inner());
  }

  int inner(int absent) {
    return config.positiveInt(keys.inner(), absent);
  }

  int positions() {
    return config.positiveInt(keys.positions(), style.rope().positions());
  }

  int heads() {
    return config.positiveInt(keys.heads());
  }

  int kvHeads() {
    int kvHeads = config.positiveInt(keys.kvHeads(), heads());
    if (heads() % kvHeads != 0) {
      throw config.refusal(keys.kvHeads(), "a divisor of " + keys.heads() + " " + heads());
    }
    return kvHeads;
  }

  int headDim() {
    return config.optionalPositiveInt("head_dim").orElseGet(this::shareOfHead);
  }

  private int shareOfHead() {
    if (width() % heads() != 0) {
      throw config.refusal(keys.width(), "a multiple of " + keys.heads() + " " + heads());
    }
    return width() / heads();
  }

  Activation activation() {
    return Activations.read(config, keys.activation(), style.activation());
  }

  /** The rotation that all layers share. */
  RotarySpec rotary() {
    return rope().rotary(headDim());
  }

  /** The rotation of one type of layers. */
  RotarySpec rotary(String layerType) {
    return RopeConfig.read(config, style.rope(), layerType).rotary(headDim());
  }

  RopeConfig rope() {
    return RopeConfig.read(config, style.rope());
  }

  NormSpec rms(String name) {
    return NormSpec.rms(style.body() + name, width(), epsilon);
  }

  NormSpec layerNorm(String name) {
    return NormSpec.layer(style.body() + name, width(), epsilon, true);
  }

  EmbeddingSpec embedding() {
    return embedding("embed_tokens");
  }

  EmbeddingSpec embedding(String name) {
    return EmbeddingSpec.of(style.body() + name + ".weight", vocabulary(), width());
  }

  LearnedPositions learnedPositions(String name, int offset) {
    return new LearnedPositions(style.body() + name + ".weight", positions() + offset, offset);
  }

  /** A product behind Llama's norm. */
  HeadSpec head(boolean tiedByDefault) {
    return head(rms("norm"), tiedByDefault);
  }

  HeadSpec head(NormSpec norm, boolean tiedByDefault) {
    return head(norm, "lm_head", false, tiedByDefault);
  }

  HeadSpec head(NormSpec norm, String name, boolean bias, boolean tiedByDefault) {
    return HeadSpec.of(
        norm,
        LinearSpec.of(name, width(), vocabulary(), bias),
        config.flag("tie_word_embeddings", tiedByDefault));
  }

  /** Whether a layer sees the last tokens alone, as its entry in {@code layer_types} says. */
  boolean isSliding(int layer, boolean absent) {
    return config.texts("layer_types").map(types -> isSliding(types.get(layer))).orElse(absent);
  }

  private boolean isSliding(String type) {
    if (!Set.of("sliding_attention", "full_attention").contains(type)) {
      throw config.refusal("layer_types", "made of full_attention and sliding_attention alone");
    }
    return type.equals("sliding_attention");
  }

  /** A decoder whose positions are rotated. */
  DecoderSpec decoder(Function<LayerOutline, LayerSpec> layer, HeadSpec head) {
    return decoder(embedding(), layer, head);
  }

  DecoderSpec decoder(
      EmbeddingSpec embedding, Function<LayerOutline, LayerSpec> layer, HeadSpec head) {
    return decoder(rope().contextLength(), embedding, layer, head);
  }

  DecoderSpec decoder(
      int contextLength,
      EmbeddingSpec embedding,
      Function<LayerOutline, LayerSpec> layer,
      HeadSpec head) {
    return new DecoderSpec(
        source.architecture(),
        width(),
        contextLength,
        embedding,
        IntStream.range(0, layers())
            .mapToObj(index -> layer.apply(new LayerOutline(this, index)))
            .toList(),
        head);
  }

  // Each layer needs tensors: with more layers than tensors the description can't be met, whatever
  // its length, and a config alone must not size an allocation.
  private int layers() {
    int layers = config.positiveInt(keys.layers());
    if (config.texts("layer_types").filter(types -> types.size() < layers).isPresent()) {
      throw config.refusal("layer_types", "a list for each of the " + layers + " layers");
    }
    return Math.min(layers, source.stored().size() + 1);
  }
}
