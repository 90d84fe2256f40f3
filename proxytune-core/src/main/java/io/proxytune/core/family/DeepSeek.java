package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * DeepSeek-V2 (arXiv 2405.04434) and V3 (arXiv 2412.19437), and what has their latent attention:
 * GLM-4.7-Flash, Youtu-LLM, MiniCPM3.
 */
final class DeepSeek {
  private static final int QUERY_RANK = 1536;
  private static final String METHOD = "topk_method";
  private static final String SCORING = "scoring_func";

  private DeepSeek() {}

  static DecoderSpec describe2(Source source) {
    ConfigJson config = source.config();
    requireOneOf(config, SCORING, "softmax");
    if (config.flag("norm_topk_prob", false)) {
      throw config.refusal("norm_topk_prob", "false in DeepSeek-V2");
    }
    String method = requireOneOf(config, METHOD, "greedy", "group_limited_greedy");
    Outline deepSeek =
        new Outline(
            sizes(source, 512, 128, 64, 128)
                .withDefault("n_routed_experts", 64)
                .withDefault("n_shared_experts", 2),
            Style.LLAMA);
    boolean bias = deepSeek.flag("mlp_bias");
    return mixture(
        deepSeek,
        firstDense(config, 0),
        layer -> new LatentAttention(layer, QUERY_RANK).spec(true),
        bias,
        layer -> experts(layer, 1407).ofSoftmax(!method.equals("greedy"), bias));
  }

  static DecoderSpec describe3(Source source) {
    Outline deepSeek =
        new Outline(
            sizes(source, 512, 128, 64, 128)
                .withDefault("n_routed_experts", 256)
                .withDefault("n_shared_experts", 1)
                .withDefault("n_group", 8)
                .withDefault("topk_group", 4)
                .withDefault("norm_topk_prob", true),
            Style.LLAMA.withPositions(4096));
    return mixture3(deepSeek, firstDense(source.config(), 3), QUERY_RANK, 2048);
  }

  /** GLM-4.7-Flash: V3 in small. */
  static DecoderSpec describeGlm4MoeLite(Source source) {
    Outline glm =
        new Outline(
            sizes(source, 512, 192, 64, 256)
                .withDefault("n_routed_experts", 64)
                .withDefault("n_shared_experts", 1)
                .withDefault("num_experts_per_tok", 4)
                .withDefault("norm_topk_prob", true),
            Style.LLAMA.withEpsilon(1e-5).withPositions(202_752));
    Optional<List<String>> kinds = source.config().texts("mlp_layer_types");
    return mixture3(
        glm, layer -> kinds.map(each -> isDense(glm, each, layer)).orElse(layer == 0), 768, 1536);
  }

  private static boolean isDense(Outline glm, List<String> kinds, int layer) {
    if (layer >= kinds.size() || !List.of("dense", "sparse").contains(kinds.get(layer))) {
      throw glm.config().refusal("mlp_layer_types", "dense or sparse for each layer");
    }
    return kinds.get(layer).equals("dense");
  }

  /** Youtu-LLM: V3's attention in Llama. */
  static DecoderSpec describeYoutu(Source source) {
    Outline youtu =
        new Outline(sizes(source, 512, 128, 64, 128), Style.LLAMA.withPositions(131_072));
    boolean interleaved = source.config().flag("rope_interleave", true);
    return youtu.decoder(
        layer ->
            layer.preNorm(
                new LatentAttention(layer, QUERY_RANK).spec(interleaved), layer.gatedMlp(false)),
        youtu.head(true));
  }

  /** MiniCPM3: V2's attention, and MiniCPM's factors. */
  static DecoderSpec describeMiniCpm(Source source) {
    ConfigJson config = source.config();
    Outline plain = new Outline(source, Style.LLAMA);
    Outline cpm =
        new Outline(
            sizes(source, 256, 64, 32, plain.width() / plain.heads()),
            Style.LLAMA.withEpsilon(1e-5).withPositions(32_768));
    boolean bias = cpm.flag("mlp_bias");
    double layers = config.positiveInt("num_hidden_layers");
    double depth = orNull(config, "scale_depth", 1.4, Math.sqrt(layers));
    double head = orNull(config, "dim_model_base", 256, cpm.width());
    return cpm.decoder(
        cpm.embedding().withScale(config.positive("scale_emb", 12)),
        layer ->
            layer
                .preNorm(new LatentAttention(layer, 768).spec(false), layer.gatedMlp(bias))
                .withResidualScale(depth / Math.sqrt(layers)),
        cpm.head(true).withScale(head / cpm.width()));
  }

  /** A number, which is not the same missing and null. */
  private static double orNull(ConfigJson config, String key, double absent, double ofNull) {
    return config.positive(key, config.mentions(key) ? ofNull : absent);
  }

  private static Source sizes(Source source, int rank, int plain, int rotated, int values) {
    return source
        .withDefault("kv_lora_rank", rank)
        .withDefault("qk_nope_head_dim", plain)
        .withDefault("qk_rope_head_dim", rotated)
        .withDefault("v_head_dim", values);
  }

  private static DecoderSpec mixture3(
      Outline outline, IntPredicate dense, int queryRank, int inner) {
    requireOneOf(outline.config(), SCORING, "sigmoid");
    requireOneOf(outline.config(), METHOD, "noaux_tc");
    boolean interleaved = outline.config().flag("rope_interleave", true);
    return mixture(
        outline,
        dense,
        layer -> new LatentAttention(layer, queryRank).spec(interleaved),
        false,
        layer -> experts(layer, inner).ofGroups());
  }

  private static DecoderSpec mixture(
      Outline outline,
      IntPredicate dense,
      Function<LayerOutline, AttentionSpec> attention,
      boolean bias,
      Function<LayerOutline, ExpertsSpec> experts) {
    return outline.decoder(
        layer ->
            layer.preNorm(
                attention.apply(layer),
                dense.test(layer.index()) ? layer.gatedMlp(bias) : experts.apply(layer)),
        outline.head(false));
  }

  private static Experts experts(LayerOutline layer, int inner) {
    int width = layer.outline().config().positiveInt("moe_intermediate_size", inner);
    return new Experts(layer, "mlp", width);
  }

  private static IntPredicate firstDense(ConfigJson config, int absent) {
    if (config.positiveInt("moe_layer_freq", 1) != 1) {
      throw config.refusal("moe_layer_freq", "1");
    }
    int dense = config.natural("first_k_dense_replace").orElse(absent);
    return layer -> layer < dense;
  }

  /** Gives the text of a key, the first one where it is missing. */
  private static String requireOneOf(ConfigJson config, String key, String... texts) {
    String text = config.text(key).orElse(texts[0]);
    if (!List.of(texts).contains(text)) {
      throw config.refusal(key, String.join(" or ", texts));
    }
    return text;
  }
}
