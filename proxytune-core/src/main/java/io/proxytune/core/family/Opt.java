package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import java.util.Optional;
import java.util.OptionalDouble;

/** OPT (arXiv 2205.01068): GPT-2's layout with ReLU; the size of 350 m normalises sums. */
final class Opt {
  private static final Style STYLE =
      Style.LLAMA
          .withNames("model.decoder.", "layers.")
          .withKeys(
              new Keys(
                  "hidden_size",
                  "num_hidden_layers",
                  "num_attention_heads",
                  "num_key_value_heads",
                  "ffn_dim",
                  "max_position_embeddings",
                  "layer_norm_eps",
                  "activation_function"))
          .withEpsilon(1e-5)
          .withActivation(Activation.RELU);

  /** Rows of the positions that no token uses. */
  private static final int OFFSET = 2;

  private final ConfigJson config;
  private final Outline opt;
  private final boolean bias;
  private final boolean affine;
  private final boolean normBefore;
  private final int size;

  private Opt(Source source) {
    this.config = source.config();
    this.opt = new Outline(source, STYLE);
    this.bias = config.flag("enable_bias", true);
    this.affine = config.flag("layer_norm_elementwise_affine", true);
    this.normBefore = config.flag("do_layer_norm_before", true);
    this.size = config.positiveInt("word_embed_proj_dim", opt.width());
  }

  static DecoderSpec describe(Source source) {
    return new Opt(source).decoder();
  }

  private DecoderSpec decoder() {
    return opt.decoder(opt.positions(), embedding(), this::layer, head());
  }

  private EmbeddingSpec embedding() {
    return new EmbeddingSpec(
        "model.decoder.embed_tokens.weight",
        opt.vocabulary(),
        size,
        1,
        projection("model.decoder.project_in", size, opt.width()),
        Optional.of(opt.learnedPositions("embed_positions", OFFSET)),
        Optional.empty());
  }

  private HeadSpec head() {
    boolean hasNorm = normBefore && !opt.flag("_remove_final_layer_norm");
    return new HeadSpec(
        hasNorm ? Optional.of(norm("model.decoder.final_layer_norm")) : Optional.empty(),
        projection("model.decoder.project_out", opt.width(), size),
        LinearSpec.of("lm_head", size, opt.vocabulary(), false),
        config.flag("tie_word_embeddings", true),
        1,
        OptionalDouble.empty());
  }

  private Optional<LinearSpec> projection(String name, int in, int out) {
    return in == out ? Optional.empty() : Optional.of(LinearSpec.of(name, in, out, false));
  }

  private LayerSpec layer(LayerOutline layer) {
    LayerSpec spec =
        LayerSpec.preNorm(
            layer.attention("self_attn.", "out_proj", Optional.empty(), bias, bias),
            layer.plainMlp("fc1", "fc2", opt.inner(), bias),
            norm(layer.name("self_attn_layer_norm")),
            norm(layer.name("final_layer_norm")));
    return normBefore ? spec : spec.normalizingSums();
  }

  private NormSpec norm(String module) {
    return affine
        ? NormSpec.layer(module, opt.width(), opt.epsilon(), true)
        : new NormSpec(
            NormSpec.Kind.LAYER, opt.width(), opt.epsilon(), Optional.empty(), Optional.empty(), 1);
  }
}
