package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.DecoderSpec;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** SmolLM3: Llama whose every fourth layer does not rotate (arXiv 2501.18795). */
final class SmolLm3 {
  private static final String ROTATES = "no_rope_layers";

  private SmolLm3() {}

  static DecoderSpec describe(Source source) {
    Outline smol = new Outline(source, Style.LLAMA.withTheta(2e6).withPositions(32_768));
    boolean bias = smol.flag("attention_bias");
    boolean mlpBias = smol.flag("mlp_bias");
    OptionalInt window = Windows.read(source.config());
    boolean hasWindows = smol.flag("use_sliding_window");
    List<Integer> rotates = rotates(source.config());
    return smol.decoder(
        layer -> {
          boolean rotating = rotates.get(layer.index()) != 0;
          boolean sliding = smol.isSliding(layer.index(), hasWindows && !rotating);
          return layer.preNorm(
              Rotation.where(rotating, layer.attention(bias, bias))
                  .withWindow(Windows.where(sliding, window)),
              layer.gatedMlp(mlpBias));
        },
        smol.head(true));
  }

  // A list of one for each layer that rotates and zero for the others, whatever its name says.
  private static List<Integer> rotates(ConfigJson config) {
    int layers = config.positiveInt("num_hidden_layers");
    List<Integer> given = config.naturalList(ROTATES).orElse(List.of());
    if (given.isEmpty()) {
      int interval = config.positiveInt("no_rope_layer_interval", 4);
      return IntStream.range(0, Math.min(layers, 100_000))
          .mapToObj(layer -> (layer + 1) % interval == 0 ? 0 : 1)
          .toList();
    }
    if (given.size() < layers) {
      throw config.refusal(ROTATES, "a list for each of the " + layers + " layers");
    }
    return given;
  }
}
