import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes the checkpoint folder of a Llama with one layer and random weights, whose tokens are
 * bytes, and whose chat template has a place for tools: it can be made to write a call. Run as a
 * file: {@code java ByteModel.java FOLDER}.
 */
final class ByteModel {
  private static final int SIZE = 16;
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 16,
       "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
       "num_key_value_heads": 2, "hidden_act": "silu", "rms_norm_eps": 1e-5,
       "rope_theta": 10000.0, "max_position_embeddings": 2048, "vocab_size": 257,
       "tie_word_embeddings": true, "eos_token_id": 0, "torch_dtype": "float32"}
      """;
  private static final String TEMPLATE =
      """
      {% for t in tools or [] %}{{ t | tojson }}{% endfor %}\
      {% for m in messages %}{{ m.role }}: {{ m.content or '' }}\
      {% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}
      {% endfor %}assistant: \
      """;
  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
       "added_tokens": [{"id": 0, "content": "</s>", "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true}],
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": true},
       "post_processor": null,
       "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": true},
       "model": {"type": "BPE", "unk_token": null, "merges": [], "vocab": {%s}}}
      """;

  private final Random random = new Random(1);
  private final List<String> header = new ArrayList<>();
  private final ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER.formatted(vocabulary()));
    Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
    Files.write(folder.resolve("model.safetensors"), new ByteModel().safetensors());
  }

  /** The end, and the characters that stand for bytes, as GPT-2 has it. */
  private static String vocabulary() {
    List<String> tokens = new ArrayList<>(List.of("\"</s>\": 0"));
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b < 0x7F) || (b > 0xA0 && b != 0xAD);
      tokens.add("\"\\u%04x\": %d".formatted(printable ? b : next++, tokens.size()));
    }
    return String.join(", ", tokens);
  }

  private byte[] safetensors() {
    add("model.embed_tokens.weight", 257, SIZE);
    for (String name : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
      add("model.layers.0.self_attn." + name + ".weight", SIZE, SIZE);
    }
    for (String name : new String[] {"gate_proj", "up_proj", "down_proj"}) {
      add("model.layers.0.mlp." + name + ".weight", SIZE, SIZE);
    }
    add("model.layers.0.input_layernorm.weight", SIZE);
    add("model.layers.0.post_attention_layernorm.weight", SIZE);
    add("model.norm.weight", SIZE);
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
