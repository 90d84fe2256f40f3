package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** gpt-oss (arXiv 2508.10925): experts with a gate of their own kind, windows and sinks. */
final class GptOss {
  private GptOss() {}

  static DecoderSpec describe(Source source) {
    checkGate(source);
    ConfigJson config = source.config();
    Outline oss =
        new Outline(
            source.withDefault("head_dim", 64),
            Style.LLAMA.withEpsilon(1e-5).withTheta(150_000).withPositions(131_072));
    boolean bias = config.flag("attention_bias", true);
    OptionalInt window = Windows.read(config, 128);
    return oss.decoder(
        layer -> {
          boolean sliding = oss.isSliding(layer.index(), layer.index() % 2 == 0);
          return layer.preNorm(
              layer
                  .attention(bias, bias)
                  .withSinks(layer.name("self_attn.sinks"))
                  .withWindow(Windows.where(sliding, window)),
              experts(layer));
        },
        oss.head(false));
  }

  private static void checkGate(Source source) {
    for (String key : new String[] {"swiglu_alpha", "swiglu_limit"}) {
      double published = key.endsWith("alpha") ? 1.702 : 7;
      if (source.config().positive(key, published) != published) {
        throw source.config().refusal(key, String.valueOf(published));
      }
    }
  }

  private static ExpertsSpec experts(LayerOutline layer) {
    ConfigJson config = layer.outline().config();
    int count = Experts.count(config, 128);
    int active = Experts.active(config, count, 4);
    return Experts.spec(
        layer.linear("mlp.router", layer.width(), count, true),
        active,
        true,
        IntStream.range(0, count).mapToObj(expert -> expert(layer, expert)).toList());
  }

  // The rows of the gate and of up take turns in one stack.
  private static MlpSpec expert(LayerOutline layer, int expert) {
    long width = layer.width();
    long inner = layer.outline().inner();
    String both = "mlp.experts.gate_up_proj";
    return new MlpSpec(
        Activation.CLAMPED_SWIGLU,
        Optional.of(
            stack(layer, both, width, StoredRows.ofEachBlock(2 * inner, inner, 0, 1), expert)),
        stack(layer, both, width, StoredRows.ofEachBlock(2 * inner, inner, 1, 1), expert),
        stack(layer, "mlp.experts.down_proj", inner, StoredRows.all(width), expert));
  }

  private static LinearSpec stack(
      LayerOutline layer, String tensor, long in, StoredRows rows, int expert) {
    String name = layer.name(tensor);
    return new LinearSpec(
        name, Optional.of(name + "_bias"), in, rows.asTransposed().ofExpert(expert));
  }
}
