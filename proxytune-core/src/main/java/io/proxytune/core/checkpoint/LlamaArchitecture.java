package io.proxytune.core.checkpoint;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.config.RopeConfig;
import io.proxytune.core.decoder.RopeScaling.LongRope;
import io.proxytune.core.decoder.RopeScaling.Yarn;
import java.util.List;
import java.util.Set;

/** Llama 1 to 3, and what keeps their layout. */
final class LlamaArchitecture implements Architecture {
  private static final double DEFAULT_NORM_EPSILON = 1e-6;

  @Override
  public String name() {
    return "LlamaForCausalLM";
  }

  @Override
  public String bodyName() {
    return "LlamaModel";
  }

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public DecoderConfig read(ConfigJson config) {
    checkActivation(config);
    checkNotQuantized(config);
    int heads = config.positiveInt("num_attention_heads");
    int hiddenSize = config.positiveInt("hidden_size");
    RopeConfig rope = rope(config);
    return new DecoderConfig(
        name(),
        config.positiveInt("vocab_size"),
        hiddenSize,
        config.positiveInt("intermediate_size"),
        config.positiveInt("num_hidden_layers"),
        heads,
        kvHeads(config, heads),
        headDim(config, hiddenSize, heads),
        config.positive("rms_norm_eps", DEFAULT_NORM_EPSILON),
        rope.contextLength(),
        rope.theta(),
        rope.scaling(),
        config.flag("tie_word_embeddings", false),
        config.flag("attention_bias", false),
        config.flag("mlp_bias", false));
  }

  private static RopeConfig rope(ConfigJson config) {
    RopeConfig rope = RopeConfig.read(config, RopeConfig.Defaults.LLAMA);
    if (rope.partial() != 1) {
      throw config.refusal("partial_rotary_factor", "1, as only full rotation is supported");
    }
    if (rope.scaling() instanceof Yarn || rope.scaling() instanceof LongRope) {
      throw new CheckpointException(config.file() + ": yarn and longrope are not supported");
    }
    return rope;
  }

  private static int kvHeads(ConfigJson config, int heads) {
    int kvHeads = config.optionalPositiveInt("num_key_value_heads").orElse(heads);
    if (heads % kvHeads != 0) {
      throw config.refusal("num_key_value_heads", "a divisor of num_attention_heads " + heads);
    }
    return kvHeads;
  }

  private static int headDim(ConfigJson config, int hiddenSize, int heads) {
    int headDim =
        config.optionalPositiveInt("head_dim").orElseGet(() -> split(config, hiddenSize, heads));
    if (headDim % 2 != 0) {
      throw config.refusal(
          "head_dim", "even for rotary embeddings (without it, hidden_size / num_attention_heads)");
    }
    return headDim;
  }

  private static int split(ConfigJson config, int hiddenSize, int heads) {
    if (hiddenSize % heads != 0) {
      throw config.refusal("hidden_size", "a multiple of num_attention_heads " + heads);
    }
    return hiddenSize / heads;
  }

  private static void checkActivation(ConfigJson config) {
    String activation = config.text("hidden_act").orElse("silu");
    // Two names of one function in transformers.
    if (!Set.of("silu", "swish").contains(activation)) {
      throw config.refusal("hidden_act", "silu, the only supported activation");
    }
  }

  private static void checkNotQuantized(ConfigJson config) {
    // "quantization" is mlx-lm's; it writes both.
    for (String key : List.of("quantization", "quantization_config")) {
      if (config.has(key)) {
        throw config.refusal(
            key,
            "absent, as weights that are quantized already (GPTQ, AWQ, bitsandbytes, MLX and the"
                + " like) are not read: load the checkpoint that this was made from, and round it"
                + " at load with LoadOptions.withQuantization or --quantize");
      }
    }
  }
}
