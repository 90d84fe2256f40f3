package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Granite: Llama with factors of the embedding, of scores, of what each part adds and of logits
 * (arXiv 2408.13359). Also with experts, and with an MLP beside them. MiniCPM (arXiv 2404.06395):
 * the same factors by other names.
 */
final class Granite {
  private static final String EXPERTS = "num_local_experts";
  private static final String OLD_TYPES = "layers_block_type";

  private Granite() {}

  static DecoderSpec describe(Source source) {
    return describe(source, layer -> layer.gatedMlp(layer.outline().flag("mlp_bias")));
  }

  static DecoderSpec describeMoe(Source source) {
    return describe(source, Granite::experts);
  }

  static DecoderSpec describeSharedMoe(Source source) {
    return describe(source, Granite::sharedExperts);
  }

  /** Granite 4 without state-space layers. */
  static DecoderSpec describeHybrid(Source source) {
    ConfigJson config = source.config();
    checkAttention(config);
    boolean hasExperts = config.natural(EXPERTS).orElse(8) > 0;
    Source complete = source.withDefault("shared_intermediate_size", 1024);
    DecoderSpec granite =
        describe(complete, hasExperts ? Granite::sharedExperts : Granite::sharedMlp);
    boolean rotates = config.text("position_embedding_type").filter("rope"::equals).isPresent();
    return rotates
        ? granite
        : granite.withLayers(
            layer -> layer.withAttention(Rotation.where(false, layer.attention())));
  }

  private static void checkAttention(ConfigJson config) {
    String key = config.has(OLD_TYPES) ? OLD_TYPES : "layer_types";
    List<String> types = config.texts(key).orElse(List.of("linear_attention"));
    if (!Set.of("attention", "full_attention").containsAll(types)) {
      throw config.refusal(key, "made of attention alone, as state-space layers are not supported");
    }
  }

  static DecoderSpec describeMiniCpm(Source source) {
    ConfigJson config = source.config();
    for (String key : List.of("sparse_config", "num_experts")) {
      if (config.isSet(key) && !config.isZero(key)) {
        throw config.refusal(
            key, "absent: only MiniCPM with dense attention and MLPs is supported");
      }
    }
    Outline cpm = new Outline(source, Style.LLAMA);
    double depth = config.positive("scale_depth", 1);
    double residual = depth / Math.sqrt(config.positiveInt("num_hidden_layers"));
    double head = config.positive("dim_model_base", 1) / cpm.width();
    return cpm.decoder(
        cpm.embedding().withScale(config.positive("scale_emb", 1)),
        layer ->
            layer
                .preNorm(layer.attention(false, false), layer.gatedMlp(false))
                .withResidualScale(residual),
        cpm.head(true).withScale(head));
  }

  private static DecoderSpec describe(
      Source source, Function<LayerOutline, FeedForwardSpec> feedForward) {
    Outline granite = new Outline(source, Style.LLAMA);
    ConfigJson config = source.config();
    boolean bias = granite.flag("attention_bias");
    EmbeddingSpec embedding =
        granite.embedding().withScale(config.positive("embedding_multiplier", 1));
    HeadSpec head = granite.head(false).withScale(1 / config.positive("logits_scaling", 1));
    return granite.decoder(
        embedding,
        layer ->
            layer
                .preNorm(
                    layer
                        .attention(bias, bias)
                        .withScale(config.positive("attention_multiplier", 1)),
                    feedForward.apply(layer))
                .withResidualScale(config.positive("residual_multiplier", 1)),
        head);
  }

  /** HyperCLOVA X Think (arXiv 2506.22403): the same factors, and norms behind the parts too. */
  static DecoderSpec describeClova(Source source) {
    Outline clova = new Outline(source, Style.LLAMA);
    ConfigJson config = source.config();
    boolean bias = clova.flag("attention_bias");
    boolean mlpBias = clova.flag("mlp_bias");
    double scale = config.positive("attention_multiplier", 1 / Math.sqrt(clova.headDim()));
    return clova.decoder(
        clova.embedding().withScale(config.positive("embedding_multiplier", 1)),
        layer ->
            clovaLayer(layer, layer.attention(bias, bias).withScale(scale), layer.gatedMlp(mlpBias))
                .withResidualScale(config.positive("residual_multiplier", 1)),
        // Unlike Granite's, its logits are multiplied.
        clova.head(false).withScale(config.positive("logits_scaling", 1)));
  }

  private static LayerSpec clovaLayer(LayerOutline layer, AttentionSpec attention, MlpSpec mlp) {
    return layer.outline().config().flag("use_post_norm", true)
        ? LayerSpec.sandwich(
            attention,
            mlp,
            Optional.of(layer.rms("input_layernorm")),
            layer.rms("post_norm1"),
            Optional.of(layer.rms("post_attention_layernorm")),
            layer.rms("post_norm2"))
        : layer.preNorm(attention, mlp);
  }

  // Published: one stack of gates and ups, one of downs, and a router in a module of its own.
  private static ExpertsSpec experts(LayerOutline layer) {
    ConfigJson config = layer.outline().config();
    String moe = "block_sparse_moe.";
    boolean isPublished = layer.outline().stores(layer.name(moe + "input_linear.weight"));
    String router = isPublished ? "router.layer" : "router";
    String gateAndUp = isPublished ? "input_linear.weight" : "experts.gate_up_proj";
    String down = isPublished ? "output_linear.weight" : "experts.down_proj";
    int count = Experts.count(config, 8);
    Experts experts = new Experts(layer, moe, layer.outline().inner());
    LinearSpec routing = layer.linear(moe + router, layer.width(), count, false);
    return Experts.spec(
        routing,
        Experts.active(config, count, 2),
        true,
        IntStream.range(0, count)
            .mapToObj(expert -> experts.stacked(moe + gateAndUp, moe + down, expert))
            .toList());
  }

  private static FeedForwardSpec sharedExperts(LayerOutline layer) {
    int inner = layer.outline().config().natural("shared_intermediate_size").orElse(0);
    if (inner == 0) {
      return experts(layer);
    }
    return experts(layer).withShared(sharedMlp(layer), Optional.empty());
  }

  private static MlpSpec sharedMlp(LayerOutline layer) {
    return layer.fusedMlp(
        "shared_mlp.input_linear",
        "shared_mlp.output_linear",
        layer.outline().config().positiveInt("shared_intermediate_size"));
  }
}
