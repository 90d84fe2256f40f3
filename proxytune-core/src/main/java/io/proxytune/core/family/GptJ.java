package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Optional;

/** GPT-J: attention and MLP beside each other, neighbours rotated as pairs (arXiv 2104.09864). */
final class GptJ {
  private static final int DEFAULT_DIMS = 64;
  private static final double THETA = 10_000;

  private GptJ() {}

  static DecoderSpec describe(Source source) {
    Outline gptj = new Outline(source, Style.GPT2);
    RotarySpec rotary = rotary(gptj);
    return gptj.decoder(
        gptj.positions(),
        gptj.embedding("wte"),
        layer ->
            LayerSpec.parallel(
                attention(layer, rotary),
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
}
