package consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Writes the checkpoint folder of a Llama with one layer and random float32 weights. */
final class Checkpoint {
  private static final String[] WORDS = {
    "<unk>", "</s>", "once", "upon", "a", "time", "there", "was", "king", "queen", "and", "castle"
  };
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8,
       "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
       "num_key_value_heads": 2, "hidden_act": "silu", "rms_norm_eps": 1e-5,
       "rope_theta": 10000.0, "max_position_embeddings": 64, "vocab_size": 12,
       "tie_word_embeddings": true, "eos_token_id": 1, "torch_dtype": "float32"}
      """;

  private final Random random;
  private final List<String> header = new ArrayList<>();
  private final ByteBuffer data = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);

  private Checkpoint(long seed) {
    this.random = new Random(seed);
  }

  static void write(Path folder, long seed) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
    Files.write(folder.resolve("model.safetensors"), new Checkpoint(seed).safetensors());
  }

  private static String tokenizer() {
    List<String> vocabulary = new ArrayList<>();
    for (String word : WORDS) {
      vocabulary.add("\"%s\": %d".formatted(word, vocabulary.size()));
    }
    return """
        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
         "added_tokens": [
           {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 1, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
         "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
         "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {%s}}}
        """
        .formatted(String.join(", ", vocabulary));
  }

  private byte[] safetensors() {
    add("model.embed_tokens.weight", WORDS.length, 8);
    for (String name : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
      add("model.layers.0.self_attn." + name + ".weight", 8, 8);
    }
    add("model.layers.0.mlp.gate_proj.weight", 16, 8);
    add("model.layers.0.mlp.up_proj.weight", 16, 8);
    add("model.layers.0.mlp.down_proj.weight", 8, 16);
    add("model.layers.0.input_layernorm.weight", 8);
    add("model.layers.0.post_attention_layernorm.weight", 8);
    add("model.norm.weight", 8);
    byte[] json = ("{" + String.join(",", header) + "}").getBytes(UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    return file.putLong(json.length).put(json).put(data.flip()).array();
  }

  private void add(String name, int... shape) {
    int begin = data.position();
    List<String> sizes = new ArrayList<>();
    int count = 1;
    for (int size : shape) {
      sizes.add(Integer.toString(size));
      count *= size;
    }
    for (int i = 0; i < count; i++) {
      data.putFloat((float) random.nextGaussian());
    }
    header.add(
        "\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
            .formatted(name, String.join(",", sizes), begin, data.position()));
  }
}
