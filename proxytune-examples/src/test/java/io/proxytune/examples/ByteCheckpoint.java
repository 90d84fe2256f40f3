package io.proxytune.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A checkpoint with random weights whose tokens are the bytes, so that it can write anything, and a
 * chat template that shows calls of tools as Hermes writes them.
 */
public final class ByteCheckpoint {
  private static final int CONTEXT = 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String TEMPLATE =
      """
      {% if tools %}{% for t in tools %}{{ t.function.name }} {% endfor %}{% endif %}\
      {% for m in messages %}{{ m.role }}: {{ m.content or '' }}\
      {% for c in m.tool_calls or [] %}<tool_call>
      {"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}
      </tool_call>{% endfor %}
      {% endfor %}{% if add_generation_prompt %}assistant: {% endif %}\
      """;

  private ByteCheckpoint() {}

  /** Writes one. */
  public static Path write(Path folder, long seed) {
    try {
      TinyCheckpoint.write(folder, seed, CONTEXT, words());
      Path file = folder.resolve("tokenizer.json");
      ObjectNode tokenizer = (ObjectNode) JSON.readTree(file.toFile());
      ObjectNode model = (ObjectNode) tokenizer.get("model");
      model.put("type", "BPE").putNull("unk_token").putArray("merges");
      for (String part : List.of("pre_tokenizer", "decoder")) {
        tokenizer
            .putObject(part)
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", true)
            .put("use_regex", true);
      }
      JSON.writeValue(file.toFile(), tokenizer);
      Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Three special tokens, and the characters that stand for bytes, as GPT-2 has it. */
  private static List<String> words() {
    List<String> words = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b < 0x7F) || (b > 0xA0 && b != 0xAD);
      words.add(String.valueOf((char) (printable ? b : next++)));
    }
    return words;
  }
}
