package io.proxytune.core.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A Llama checkpoint of a few kilobytes with seeded weights, whose parts tests change before they
 * write it.
 */
public final class TinyLlama {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode config = JSON.createObjectNode();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Random random = new Random(7);
  private StoredType type = StoredType.F32;

  /** Hidden 8, intermediate 12, 2 layers, 4 heads of 2 in 2 groups, vocabulary 16, untied. */
  public TinyLlama() {
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("model_type", "llama").put("hidden_act", "silu");
    config.put("hidden_size", 8).put("intermediate_size", 12).put("num_hidden_layers", 2);
    config.put("num_attention_heads", 4).put("num_key_value_heads", 2).put("vocab_size", 16);
    config.put("max_position_embeddings", 64).put("rms_norm_eps", 1e-5);
    config.put("bos_token_id", 1).put("eos_token_id", 2);
    add("model.embed_tokens.weight", 16, 8);
    for (int layer = 0; layer < 2; layer++) {
      addLayer(layer);
    }
    add("model.norm.weight", 8);
    add("lm_head.weight", 16, 8);
  }

  /** Adds one more layer's tensors; the config stays. */
  public TinyLlama addLayer(int layer) {
    String prefix = "model.layers." + layer + ".";
    add(prefix + "input_layernorm.weight", 8);
    add(prefix + "self_attn.q_proj.weight", 8, 8);
    add(prefix + "self_attn.k_proj.weight", 4, 8);
    add(prefix + "self_attn.v_proj.weight", 4, 8);
    add(prefix + "self_attn.o_proj.weight", 8, 8);
    add(prefix + "post_attention_layernorm.weight", 8);
    add(prefix + "mlp.gate_proj.weight", 12, 8);
    add(prefix + "mlp.up_proj.weight", 12, 8);
    add(prefix + "mlp.down_proj.weight", 8, 12);
    return this;
  }

  /** Adds or replaces a tensor with seeded values. */
  public TinyLlama add(String name, long... shape) {
    float[] values = new float[(int) product(shape)];
    fill(values);
    tensors.put(name, new Tensor(values, shape));
    return this;
  }

  /** Adds or replaces a tensor with another's values. */
  public TinyLlama copy(String from, String to) {
    Tensor tensor = tensors.get(from);
    tensors.put(to, tensor);
    return this;
  }

  /** Moves the rows of a matrix: row i becomes the one whose number is at i. */
  public TinyLlama moveRows(String name, int[] to) {
    Tensor tensor = tensors.get(name);
    int width = (int) tensor.shape[1];
    float[] moved = new float[tensor.values.length];
    for (int row = 0; row < to.length; row++) {
      System.arraycopy(tensor.values, row * width, moved, to[row] * width, width);
    }
    tensors.put(name, new Tensor(moved, tensor.shape));
    return this;
  }

  /** Other values for all tensors so far. */
  public TinyLlama seed(long seed) {
    random.setSeed(seed);
    tensors.forEach((name, tensor) -> fill(tensor.values));
    return this;
  }

  private void fill(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
  }

  public TinyLlama remove(String name) {
    if (tensors.remove(name) == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return this;
  }

  /** Renames every tensor. */
  public TinyLlama rename(UnaryOperator<String> names) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> renamed.put(names.apply(name), tensor));
    tensors.clear();
    tensors.putAll(renamed);
    return this;
  }

  public TinyLlama config(Consumer<ObjectNode> change) {
    change.accept(config);
    return this;
  }

  public TinyLlama type(StoredType type) {
    this.type = type;
    return this;
  }

  /** Writes {@code config.json} and {@code model.safetensors}. */
  public Path write(Path folder) {
    return write(folder, tensor -> type);
  }

  /** Writes them with a dtype for each tensor. */
  public Path write(Path folder, Function<String, StoredType> types) {
    writeConfig(folder);
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    tensors.forEach((name, t) -> writer.add(name, types.apply(name), t.values(), t.shape()));
    writer.write(folder.resolve("model.safetensors"));
    return folder;
  }

  /** Writes {@code config.json}, an index and so many shards with the tensors dealt in turn. */
  public Path writeSharded(Path folder, int shards) {
    writeConfig(folder);
    SafetensorsWriter[] writers = new SafetensorsWriter[shards];
    ObjectNode index = JSON.createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    int next = 0;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      int shard = next++ % shards;
      writers[shard] = writers[shard] == null ? new SafetensorsWriter() : writers[shard];
      Tensor t = tensor.getValue();
      writers[shard].add(tensor.getKey(), type, t.values(), t.shape());
      map.put(tensor.getKey(), shardName(shard, shards));
    }
    for (int shard = 0; shard < shards; shard++) {
      writers[shard].write(folder.resolve(shardName(shard, shards)));
    }
    writeText(folder.resolve("model.safetensors.index.json"), index.toPrettyString());
    return folder;
  }

  public static String shardName(int shard, int shards) {
    return "model-0000" + (shard + 1) + "-of-0000" + shards + ".safetensors";
  }

  private void writeConfig(Path folder) {
    writeText(folder.resolve("config.json"), config.toPrettyString());
  }

  static Path writeText(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long product(long... shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Tensor(float[] values, long[] shape) {}
}
