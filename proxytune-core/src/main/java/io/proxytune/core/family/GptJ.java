package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * GPT-J: attention and MLP beside each other, neighbours rotated as pairs (arXiv 2104.09864).
 * CodeGen (arXiv 2203.13474): the same with one projection, cut for four processors.
 */
final class GptJ {
  private static final int DEFAULT_DIMS = 64;
  private static final int QUARTERS = 4;
  private static final double THETA = 10_000;

  private GptJ() {}

  static DecoderSpec describe(Source source) {
    return describe(source, GptJ::attention);
  }

  static DecoderSpec describeCodeGen(Source source) {
    return describe(source, GptJ::codeGenAttention);
  }

  private static DecoderSpec describe(
      Source source, BiFunction<LayerOutline, RotarySpec, AttentionSpec> attention) {
    Outline gptj = new Outline(source, Style.GPT2.withPositions(2048));
    RotarySpec rotary = rotary(gptj);
    return gptj.decoder(
        gptj.positions(),
        gptj.embedding("wte"),
        layer ->
            LayerSpec.parallel(
                attention.apply(layer, rotary),
                layer.plainMlp("mlp.fc_in", "mlp.fc_out", gptj.inner(4 * gptj.width()), true),
                layer.layerNorm("ln_1"),
                Optional.empty()),
        gptj.head(gptj.layerNorm("ln_f"), "lm_head", true, false));
  }

  private static RotarySpec rotary(Outline gptj) {
    int dims = gptj.config().positiveInt("rotary_dim", DEFAULT_DIMS);
    if (dims % 2 != 0 || dims > gptj.headDim()) {
      throw gptj.config()
          .refusal("rotary_dim", "even and at most the width of a head, " + gptj.headDim());
    }
    return new RotarySpec(dims, true, THETA, new RopeScaling.None());
  }

  private static AttentionSpec attention(LayerOutline layer, RotarySpec rotary) {
    return layer.attention("attn.", "out_proj", Optional.of(rotary), false, false);
  }

  // In each quarter the rows of queries come first, then values, then keys.
  private static AttentionSpec codeGenAttention(LayerOutline layer, RotarySpec rotary) {
    int width = layer.width();
    if (width % QUARTERS != 0) {
      throw layer.outline().config().refusal("n_embd", "a multiple of " + QUARTERS);
    }
    return layer.attention(
        ofQuarters(layer, 0),
        ofQuarters(layer, 2),
        ofQuarters(layer, 1),
        layer.linear("attn.out_proj", width, width, false),
        Optional.of(rotary));
  }

  private static LinearSpec ofQuarters(LayerOutline layer, int part) {
    long width = layer.width();
    long rows = width / QUARTERS;
    return layer.linear(
        "attn.qkv_proj",
        width,
        StoredRows.ofEachBlock(3 * width, QUARTERS, part * rows, rows),
        false);
  }
}
