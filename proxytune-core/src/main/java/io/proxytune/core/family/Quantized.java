package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import java.util.List;

/** Refuses weights that are rounded already. */
final class Quantized {
  private Quantized() {}

  static void refuse(ConfigJson config) {
    // "quantization" is mlx-lm's; it writes both.
    for (String key : List.of("quantization", "quantization_config")) {
      if (config.has(key)) {
        throw config.refusal(key, isMxfp4(config, key) ? ABSENT_MXFP4 : ABSENT);
      }
    }
  }

  private static final String ABSENT =
      "absent, as weights that are quantized already (GPTQ, AWQ, bitsandbytes, MLX and the like)"
          + " are not read: load the checkpoint that this was made from, and round it at load with"
          + " LoadOptions.withQuantization or --quantize";

  private static final String ABSENT_MXFP4 =
      "absent, as weights in MXFP4 are not read: convert them with transformers (from_pretrained"
          + " with quantization_config=Mxfp4Config(dequantize=True) and dtype=\"bfloat16\", then"
          + " save_pretrained), load the result, and round it at load with"
          + " LoadOptions.withQuantization or --quantize";

  private static boolean isMxfp4(ConfigJson config, String key) {
    return config
        .object(key)
        .flatMap(quantization -> quantization.text("quant_method"))
        .filter("mxfp4"::equals)
        .isPresent();
  }
}
