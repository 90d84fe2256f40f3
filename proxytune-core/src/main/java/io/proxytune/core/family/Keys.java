package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;

/**
 * How a family spells what nearly every config says. transformers takes the common spelling too.
 *
 * @param width the width of the residual stream
 * @param layers the number of layers
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads
 * @param inner the width inside of the MLP
 * @param positions the length of the context
 * @param epsilon what norms add
 * @param activation what stands between the products of the MLP
 */
record Keys(
    String width,
    String layers,
    String heads,
    String kvHeads,
    String inner,
    String positions,
    String epsilon,
    String activation) {
  static final Keys COMMON =
      new Keys(
          "hidden_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "intermediate_size",
          "max_position_embeddings",
          "rms_norm_eps",
          "hidden_act");

  /** GPT-2's and those of its kin. */
  static final Keys GPT2 =
      new Keys(
          "n_embd",
          "n_layer",
          "n_head",
          "num_key_value_heads",
          "n_inner",
          "n_positions",
          "layer_norm_epsilon",
          "activation_function");

  Keys withEpsilon(String key) {
    return new Keys(width, layers, heads, kvHeads, inner, positions, key, activation);
  }

  Keys withActivation(String key) {
    return new Keys(width, layers, heads, kvHeads, inner, positions, epsilon, key);
  }

  /** The same in the common spelling where the config has that. */
  Keys asIn(ConfigJson config) {
    return new Keys(
        either(config, width, COMMON.width),
        either(config, layers, COMMON.layers),
        either(config, heads, COMMON.heads),
        kvHeads,
        inner,
        either(config, positions, COMMON.positions),
        epsilon,
        activation);
  }

  private static String either(ConfigJson config, String own, String common) {
    return !config.has(own) && config.has(common) ? common : own;
  }
}
