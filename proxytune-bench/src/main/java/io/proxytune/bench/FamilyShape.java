package io.proxytune.bench;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.family.Families;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Bases of families that are unlike Llama, of about half a billion weights. */
public enum FamilyShape {
  /** Biases of queries, keys and values; few key heads; a tied head. */
  QWEN2(
      """
      {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 1536,
       "num_hidden_layers": 14, "num_attention_heads": 12, "num_key_value_heads": 2,
       "intermediate_size": 6144, "rms_norm_eps": 1e-6, "tie_word_embeddings": true,
       "hidden_act": "silu", "use_sliding_window": false,
      """),
  /** Four norms a layer, capped scores and logits, windows in every other layer. */
  GEMMA2(
      """
      {"architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "hidden_size": 1536,
       "num_hidden_layers": 14, "num_attention_heads": 8, "num_key_value_heads": 4,
       "head_dim": 192, "intermediate_size": 5632, "rms_norm_eps": 1e-6,
       "query_pre_attn_scalar": 192, "attn_logit_softcapping": 50.0, "sliding_window": 1024,
       "final_logit_softcapping": 30.0, "tie_word_embeddings": true,
       "hidden_activation": "gelu_pytorch_tanh",
      """),
  /** Eight experts a layer, of which a token goes through two. */
  MIXTRAL(
      """
      {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_size": 1024,
       "num_hidden_layers": 10, "num_attention_heads": 16, "num_key_value_heads": 4,
       "num_local_experts": 8, "num_experts_per_tok": 2, "intermediate_size": 2048,
       "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "hidden_act": "silu",
       "sliding_window": null,
      """),
  /** Norms by mean and variance, biases, fused heads, attention and MLP beside each other. */
  GPT_NEOX(
      """
      {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_size": 1536,
       "num_hidden_layers": 16, "num_attention_heads": 12, "intermediate_size": 6144,
       "layer_norm_eps": 1e-5, "rotary_pct": 0.25, "rotary_emb_base": 10000,
       "use_parallel_residual": true, "tie_word_embeddings": false, "hidden_act": "gelu",
      """);

  private static final String REST =
      """
       "vocab_size": 32000, "max_position_embeddings": 2048, "bos_token_id": 1,
       "eos_token_id": 2, "torch_dtype": "bfloat16"}
      """;

  /** More than any of these has: names bound the layers that a config may ask for. */
  private static final int NAMES = 10_000;

  private final String config;

  FamilyShape(String config) {
    this.config = config + REST;
  }

  /** {@code config.json}. */
  String config() {
    return config;
  }

  /** Writes a checkpoint of random weights unless it is there. */
  Path in(Path parent) {
    String name = name().toLowerCase(Locale.ROOT);
    return DataFolder.cached(parent.resolve(name), "random, " + config, this::write);
  }

  private void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = Files.writeString(folder.resolve("config.json"), config);
    List<WideTensor> tensors = new ArrayList<>();
    tensors(spec(file))
        .forEach((name, size) -> tensors.add(RandomCheckpoint.tensor(name, size, 1)));
    WideTensor.write(folder.resolve("model.safetensors"), tensors);
  }

  static DecoderSpec spec(Path file) {
    ConfigJson json = ConfigJson.read(file);
    Set<String> names =
        IntStream.range(0, NAMES).mapToObj(Integer::toString).collect(Collectors.toSet());
    return Families.of(json).describe(json, names);
  }

  static Map<String, long[]> tensors(DecoderSpec spec) {
    Map<String, long[]> tensors = new LinkedHashMap<>();
    tensors.put(spec.embedding().tensor(), new long[] {spec.vocabulary(), spec.embedding().size()});
    for (LayerSpec layer : spec.layers()) {
      layer.norms().forEach(norm -> put(tensors, norm));
      layer.linears().forEach(linear -> put(tensors, linear));
    }
    spec.head().norm().ifPresent(norm -> put(tensors, norm));
    if (!spec.head().tied()) {
      put(tensors, spec.head().linear());
    }
    return tensors;
  }

  private static void put(Map<String, long[]> tensors, NormSpec norm) {
    Stream.concat(norm.weight().stream(), norm.bias().stream())
        .forEach(name -> tensors.put(name, new long[] {norm.size()}));
  }

  private static void put(Map<String, long[]> tensors, LinearSpec linear) {
    long rows = linear.rows().total();
    tensors.put(linear.weight(), new long[] {rows, linear.in()});
    linear.bias().ifPresent(name -> tensors.put(name, new long[] {rows}));
  }

  /**
   * What one token's decoding step must read: the weights that it goes through, the head, and the
   * keys and values before it.
   *
   * @param folder where {@link #in} wrote it
   * @param bytes of a weight
   * @param position the tokens before it
   */
  static long bytesPerStep(Path folder, int bytes, int position) {
    DecoderSpec spec = spec(folder.resolve("config.json"));
    long layers = spec.layers().stream().mapToLong(FamilyShape::weights).sum();
    long head = spec.head().linear().elements();
    long cached =
        spec.layers().stream()
            .mapToLong(layer -> 2L * layer.attention().kvHeads() * layer.attention().headDim())
            .sum();
    return bytes * (layers + head + cached * position);
  }

  /** Those that a token goes through. */
  private static long weights(LayerSpec layer) {
    long all = layer.linears().mapToLong(LinearSpec::elements).sum();
    if (!(layer.feedForward() instanceof ExpertsSpec experts)) {
      return all;
    }
    MlpSpec one = experts.experts().get(0);
    long each = one.linears().mapToLong(LinearSpec::elements).sum();
    return all - each * (experts.experts().size() - experts.active());
  }
}
