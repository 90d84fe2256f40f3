package io.proxytune.core.checkpoint;

/**
 * How an architecture names its tensors.
 *
 * @param embedding the token embedding, {@code [vocabulary, hidden]}
 * @param finalNorm the norm before the head
 * @param head the output projection
 * @param layers what precedes a layer's number
 * @param inputNorm within a layer: the norm before attention; the rest likewise, linear layers
 *     without {@code .weight} or {@code .bias}
 * @param query the query projection
 * @param key the key projection
 * @param value the value projection
 * @param output the output projection
 * @param postAttentionNorm the norm before the MLP
 * @param gate the gate projection
 * @param up the up projection
 * @param down the down projection
 */
public record TensorNames(
    String embedding,
    String finalNorm,
    String head,
    String layers,
    String inputNorm,
    String query,
    String key,
    String value,
    String output,
    String postAttentionNorm,
    String gate,
    String up,
    String down) {
  /** Llama's, which most architectures share. */
  public static final TensorNames LLAMA =
      new TensorNames(
          "model.embed_tokens.weight",
          "model.norm.weight",
          "lm_head.weight",
          "model.layers.",
          "input_layernorm.weight",
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "post_attention_layernorm.weight",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  /**
   * A name within a layer in full.
   *
   * @param layer the layer's number, from 0
   * @param name the name within the layer
   * @return the name in the file
   */
  public String inLayer(int layer, String name) {
    return layers + layer + "." + name;
  }
}
