package io.proxytune.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The sizes of a Llama model; immutable.
 *
 * @param name a name for its folder
 * @param hidden the width of the residual stream
 * @param layers the number of layers
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads
 * @param intermediate the width inside the MLP
 * @param vocabulary the number of token ids
 */
record ModelShape(
    String name, int hidden, int layers, int heads, int kvHeads, int intermediate, int vocabulary) {
  /** A 1.1-billion-parameter base: 2.07 GB of bfloat16 are read a step. */
  static final ModelShape BASE = new ModelShape("base", 2048, 22, 32, 4, 5632, 32_000);

  /** A 134-million-parameter small model: 0.22 GB of bfloat16 are read a step. */
  static final ModelShape SMALL = new ModelShape("small", 768, 12, 12, 12, 2048, 32_000);

  /** The small models of the shipped family, with a common vocabulary. */
  static final ModelShape TINY = new ModelShape("tiny", 96, 3, 3, 3, 264, 32_000);

  /** {@link #SMALL} with heads as wide as those of the shipped family, and so twice as many. */
  static final ModelShape FAMILY_SMALL =
      new ModelShape("family-small", 768, 12, 24, 24, 2048, 32_000);

  /**
   * A model with 4 key heads for long texts: 0.43 GB of weights, 0.52 GB of 32,000 tokens' cache.
   */
  static final ModelShape LONG = new ModelShape("long", 1024, 16, 16, 4, 2816, 32_000);

  private static final int BFLOAT16 = 2;
  private static final int CONTEXT = 1 << 16;

  int headDim() {
    return hidden / heads;
  }

  /** Tensor shapes by Hugging Face name. */
  Map<String, long[]> tensors() {
    Map<String, long[]> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", new long[] {vocabulary, hidden});
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      long kv = (long) kvHeads * headDim();
      tensors.put(prefix + "input_layernorm.weight", new long[] {hidden});
      tensors.put(prefix + "self_attn.q_proj.weight", new long[] {hidden, hidden});
      tensors.put(prefix + "self_attn.k_proj.weight", new long[] {kv, hidden});
      tensors.put(prefix + "self_attn.v_proj.weight", new long[] {kv, hidden});
      tensors.put(prefix + "self_attn.o_proj.weight", new long[] {hidden, hidden});
      tensors.put(prefix + "post_attention_layernorm.weight", new long[] {hidden});
      tensors.put(prefix + "mlp.gate_proj.weight", new long[] {intermediate, hidden});
      tensors.put(prefix + "mlp.up_proj.weight", new long[] {intermediate, hidden});
      tensors.put(prefix + "mlp.down_proj.weight", new long[] {hidden, intermediate});
    }
    tensors.put("model.norm.weight", new long[] {hidden});
    tensors.put("lm_head.weight", new long[] {vocabulary, hidden});
    return tensors;
  }

  /** What one token's decoding step must read: every weight but the embedding, and the KV cache. */
  long bytesPerStep(int position) {
    long norms = (2L * layers + 1) * hidden;
    return BFLOAT16 * (layerMatrices() + norms + (long) vocabulary * hidden)
        + cachedBytes(position);
  }

  /** The keys and values of the tokens before a position. */
  long cachedBytes(int position) {
    return BFLOAT16 * 2L * layers * kvHeads * headDim() * position;
  }

  /** The elements of the matrices of all layers. */
  private long layerMatrices() {
    return tensors().entrySet().stream()
        .filter(tensor -> tensor.getKey().startsWith("model.layers."))
        .filter(tensor -> tensor.getValue().length == 2)
        .mapToLong(tensor -> elements(tensor.getValue()))
        .sum();
  }

  /**
   * The multiplications and additions in which a prompt is read: two for each weight and token, but
   * of the head for the last token only, and attention over half of all pairs of tokens.
   */
  double prefillOperations(int tokens) {
    double pairs = tokens * (tokens + 1.0) / 2;
    double attention = 4.0 * layers * heads * headDim() * pairs;
    return 2.0 * (tokens * (double) layerMatrices() + (double) vocabulary * hidden) + attention;
  }

  static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  String configJson() {
    return String.format(
        Locale.ROOT,
        """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d,
         "intermediate_size": %d, "vocab_size": %d, "max_position_embeddings": %d,
         "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
         "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2,
         "torch_dtype": "bfloat16"}
        """,
        hidden,
        layers,
        heads,
        kvHeads,
        intermediate,
        vocabulary,
        CONTEXT);
  }
}
