package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes checkpoint folders of a Llama with random float32 weights and a vocabulary of words. */
public final class TinyCheckpoint {
  public static final int CONTEXT = 256;
  public static final List<String> WORDS =
      List.of(
          "<unk> <s> </s> user assistant system the a sky sea is blue green gr\u00fc\u00dfe"
              .concat(" \u20ac \ud83d\ude00 why because of light and it was once upon time")
              .split(" "));

  private static final int LAYERS = 2;
  private static final int HIDDEN = 16;
  private static final int KV_WIDTH = 8;
  private static final int MLP = 32;
  private static final int RANK = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Random random;
  private final Map<String, float[]> tensors = new LinkedHashMap<>();
  private final Map<String, Object> header = new LinkedHashMap<>();
  private int offset;

  private TinyCheckpoint(long seed) {
    this.random = new Random(seed);
  }

  /** A checkpoint that ends every text by itself sooner or later. */
  public static Path write(Path folder, long seed) {
    return write(folder, seed, CONTEXT, WORDS);
  }

  public static Path write(Path folder, long seed, int context, List<String> words) {
    try {
      Files.createDirectories(folder);
      writeJson(folder.resolve("config.json"), config(context, words.size()));
      writeJson(folder.resolve("tokenizer.json"), tokenizer(words));
      writeJson(folder.resolve("tokenizer_config.json"), tokenizerConfig());
      new TinyCheckpoint(seed).writeWeights(folder.resolve("model.safetensors"), words.size());
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A LoRA adapter on a checkpoint of this shape, as PEFT saves it. */
  public static Path writeAdapter(Path folder, long seed) {
    try {
      Files.createDirectories(folder);
      writeJson(
          folder.resolve("adapter_config.json"),
          Map.of(
              "peft_type",
              "LORA",
              "r",
              RANK,
              "lora_alpha",
              8,
              "target_modules",
              List.of("q_proj")));
      TinyCheckpoint adapter = new TinyCheckpoint(seed);
      for (int layer = 0; layer < LAYERS; layer++) {
        String module = "base_model.model.model.layers." + layer + ".self_attn.q_proj.";
        adapter.matrix(module + "lora_A.weight", RANK, HIDDEN);
        adapter.matrix(module + "lora_B.weight", HIDDEN, RANK);
      }
      adapter.writeTensors(folder.resolve("adapter_model.safetensors"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeJson(Path file, Map<String, ?> content) throws IOException {
    JSON.writeValue(file.toFile(), content);
  }

  private static Map<String, Object> config(int context, int vocabulary) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("hidden_size", HIDDEN);
    config.put("intermediate_size", MLP);
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", 2);
    config.put("num_key_value_heads", 1);
    config.put("hidden_act", "silu");
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10000.0);
    config.put("max_position_embeddings", context);
    config.put("vocab_size", vocabulary);
    config.put("tie_word_embeddings", false);
    config.put("bos_token_id", 1);
    config.put("eos_token_id", 2);
    config.put("torch_dtype", "float32");
    return config;
  }

  private static Map<String, Object> tokenizer(List<String> words) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    words.forEach(word -> vocabulary.put(word, vocabulary.size()));
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put(
        "added_tokens", List.of(special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")));
    tokenizer.put("pre_tokenizer", Map.of("type", "WhitespaceSplit"));
    tokenizer.put("post_processor", beginWith("<s>", 1));
    tokenizer.put("model", Map.of("type", "WordLevel", "vocab", vocabulary, "unk_token", "<unk>"));
    return tokenizer;
  }

  private static Map<String, Object> special(int id, String content) {
    return Map.of(
        "id",
        id,
        "content",
        content,
        "single_word",
        false,
        "lstrip",
        false,
        "rstrip",
        false,
        "normalized",
        false,
        "special",
        true);
  }

  private static Map<String, Object> beginWith(String token, int id) {
    Map<String, ?> begin = Map.of("SpecialToken", Map.of("id", token, "type_id", 0));
    Map<String, ?> first = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
    Map<String, ?> second = Map.of("Sequence", Map.of("id", "B", "type_id", 1));
    Map<String, ?> spelled = Map.of("id", token, "ids", List.of(id), "tokens", List.of(token));
    return Map.of(
        "type", "TemplateProcessing",
        "single", List.of(begin, first),
        "pair", List.of(begin, first, second),
        "special_tokens", Map.of(token, spelled));
  }

  private static Map<String, Object> tokenizerConfig() {
    return Map.of(
        "bos_token", "<s>",
        "eos_token", "</s>",
        "unk_token", "<unk>",
        "chat_template",
            "{{ bos_token }}{% for m in messages %} {{ m['role'] }} {{ m['content'] }}{% endfor %}"
                + "{% if add_generation_prompt %} assistant{% endif %}");
  }

  private void writeWeights(Path file, int vocabulary) throws IOException {
    matrix("model.embed_tokens.weight", vocabulary, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      addLayer("model.layers." + layer + ".");
    }
    ones("model.norm.weight");
    matrix("lm_head.weight", vocabulary, HIDDEN);
    writeTensors(file);
  }

  private void writeTensors(Path file) throws IOException {
    byte[] json = JSON.writeValueAsString(header).getBytes(UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + json.length + offset).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    tensors.values().forEach(values -> putAll(bytes, values));
    Files.write(file, bytes.array());
  }

  private void addLayer(String prefix) {
    matrix(prefix + "self_attn.q_proj.weight", HIDDEN, HIDDEN);
    matrix(prefix + "self_attn.k_proj.weight", KV_WIDTH, HIDDEN);
    matrix(prefix + "self_attn.v_proj.weight", KV_WIDTH, HIDDEN);
    matrix(prefix + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
    matrix(prefix + "mlp.gate_proj.weight", MLP, HIDDEN);
    matrix(prefix + "mlp.up_proj.weight", MLP, HIDDEN);
    matrix(prefix + "mlp.down_proj.weight", HIDDEN, MLP);
    ones(prefix + "input_layernorm.weight");
    ones(prefix + "post_attention_layernorm.weight");
  }

  private void matrix(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f * (float) random.nextGaussian();
    }
    add(name, values, List.of(rows, columns));
  }

  private void ones(String name) {
    float[] values = new float[HIDDEN];
    Arrays.fill(values, 1);
    add(name, values, List.of(HIDDEN));
  }

  private void add(String name, float[] values, List<Integer> shape) {
    int end = offset + values.length * Float.BYTES;
    header.put(name, Map.of("dtype", "F32", "shape", shape, "data_offsets", List.of(offset, end)));
    tensors.put(name, values);
    offset = end;
  }

  private static void putAll(ByteBuffer bytes, float[] values) {
    for (float value : values) {
      bytes.putFloat(value);
    }
  }
}
