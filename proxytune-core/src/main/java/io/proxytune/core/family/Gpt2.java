package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.Optional;
import java.util.function.Function;

/**
 * GPT-2: learned positions, and matrices that are stored transposed. GPTBigCode (arXiv 2301.03988):
 * the same with one key head, stored as they are used.
 */
final class Gpt2 {
  private Gpt2() {}

  static DecoderSpec describe(Source source) {
    ConfigJson config = source.config();
    String crossAttention = "add_cross_attention";
    if (config.flag(crossAttention, false)) {
      throw config.refusal(crossAttention, "false, as there is no encoder to attend to");
    }
    return describe(source, true, layer -> attention(layer, config));
  }

  static DecoderSpec describeBigCode(Source source) {
    boolean multiQuery = source.config().flag("multi_query", true);
    int kvHeads = multiQuery ? 1 : source.config().positiveInt("n_head");
    return describe(
        source.withDefault("num_key_value_heads", kvHeads),
        false,
        layer -> multiQuery ? sharedKeys(layer) : ownKeys(layer));
  }

  private static DecoderSpec describe(
      Source source, boolean transposed, Function<LayerOutline, AttentionSpec> attention) {
    Outline gpt = new Outline(source, Style.GPT2.withPositions(1024));
    return gpt.decoder(
        gpt.positions(),
        gpt.embedding("wte").withPositions(gpt.learnedPositions("wpe", 0)),
        layer ->
            LayerSpec.preNorm(
                attention.apply(layer),
                mlp(layer, transposed),
                layer.layerNorm("ln_1"),
                layer.layerNorm("ln_2")),
        gpt.head(gpt.layerNorm("ln_f"), true));
  }

  private static AttentionSpec attention(LayerOutline layer, ConfigJson config) {
    long width = layer.width();
    AttentionSpec attention =
        layer.attention(
            transposed(layer, "attn.c_attn", width, StoredRows.range(3 * width, 0, width)),
            transposed(layer, "attn.c_attn", width, StoredRows.range(3 * width, width, width)),
            transposed(layer, "attn.c_attn", width, StoredRows.range(3 * width, 2 * width, width)),
            transposed(layer, "attn.c_proj", width, StoredRows.all(width)),
            Optional.empty());
    double scale = config.flag("scale_attn_weights", true) ? attention.scale() : 1;
    boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    return attention.withScale(byLayer ? scale / (layer.index() + 1) : scale);
  }

  private static AttentionSpec sharedKeys(LayerOutline layer) {
    return layer.fusedAttention("attn.c_attn", true, output(layer), Optional.empty());
  }

  private static AttentionSpec ownKeys(LayerOutline layer) {
    return layer.blockedAttention("attn.c_attn", true, output(layer), Optional.empty());
  }

  private static LinearSpec output(LayerOutline layer) {
    return layer.linear("attn.c_proj", layer.width(), layer.width(), true);
  }

  private static MlpSpec mlp(LayerOutline layer, boolean transposed) {
    int width = layer.width();
    int inner = layer.outline().inner(4 * width);
    return transposed
        ? new MlpSpec(
            layer.outline().activation(),
            Optional.empty(),
            transposed(layer, "mlp.c_fc", width, StoredRows.all(inner)),
            transposed(layer, "mlp.c_proj", inner, StoredRows.all(width)))
        : layer.plainMlp("mlp.c_fc", "mlp.c_proj", inner, true);
  }

  private static LinearSpec transposed(LayerOutline layer, String name, long in, StoredRows rows) {
    return layer.linear(name, in, rows.asTransposed(), true);
  }
}
