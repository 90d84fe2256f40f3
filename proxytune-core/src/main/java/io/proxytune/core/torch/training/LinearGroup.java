package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.checkpoint.TensorNames;
import java.util.List;

/**
 * Linear layers of a transformer layer that read the same input: immutable.
 *
 * @param key what the forward pass calls them
 * @param in the width of their input
 * @param bias whether they have biases
 * @param members the layers, in the order of their outputs
 */
record LinearGroup(String key, long in, boolean bias, List<Member> members) {
  /**
   * One of them.
   *
   * @param path its name in the layer, such as {@code self_attn.q_proj}
   * @param out the width of its output
   */
  record Member(String path, long out) {
    /** Its full name in a layer. */
    String in(int layer) {
      return TensorNames.LLAMA.inLayer(layer, path);
    }

    /** The last part of its name, such as {@code q_proj}. */
    String module() {
      return path.substring(path.lastIndexOf('.') + 1);
    }
  }

  long out() {
    return members.stream().mapToLong(Member::out).sum();
  }

  static List<LinearGroup> of(DecoderConfig config) {
    return List.of(queryKeyValue(config), output(config), gateUp(config), down(config));
  }

  static LinearGroup queryKeyValue(DecoderConfig config) {
    TensorNames names = TensorNames.LLAMA;
    long query = (long) config.heads() * config.headDim();
    long key = (long) config.kvHeads() * config.headDim();
    return new LinearGroup(
        "qkv",
        config.hiddenSize(),
        config.attentionBias(),
        List.of(
            new Member(names.query(), query),
            new Member(names.key(), key),
            new Member(names.value(), key)));
  }

  static LinearGroup output(DecoderConfig config) {
    return new LinearGroup(
        "output",
        (long) config.heads() * config.headDim(),
        config.attentionBias(),
        List.of(new Member(TensorNames.LLAMA.output(), config.hiddenSize())));
  }

  static LinearGroup gateUp(DecoderConfig config) {
    TensorNames names = TensorNames.LLAMA;
    long width = config.intermediateSize();
    return new LinearGroup(
        "gateUp",
        config.hiddenSize(),
        config.mlpBias(),
        List.of(new Member(names.gate(), width), new Member(names.up(), width)));
  }

  static LinearGroup down(DecoderConfig config) {
    return new LinearGroup(
        "down",
        config.intermediateSize(),
        config.mlpBias(),
        List.of(new Member(TensorNames.LLAMA.down(), config.hiddenSize())));
  }
}
