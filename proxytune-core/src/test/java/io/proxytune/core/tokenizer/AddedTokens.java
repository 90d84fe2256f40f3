package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The tests' byte-level tokenizer with a template and special tokens of a test's own. */
public final class AddedTokens {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AddedTokens() {}

  /**
   * Writes the tokenizer, and opens it.
   *
   * @param folder where to
   * @param template a chat template
   * @param special the tokens, behind all others
   */
  public static CheckpointTokenizer open(Path folder, Path template, String... special) {
    Path from = Path.of("src/test/resources/tokenizers/byte-level/tokenizer.json");
    try {
      ObjectNode tokenizer = (ObjectNode) JSON.readTree(from.toFile());
      ArrayNode added = (ArrayNode) tokenizer.get("added_tokens");
      int next = added.get(added.size() - 1).get("id").intValue() + 1;
      for (String token : special) {
        ObjectNode entry = added.addObject().put("id", next++).put("content", token);
        for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized"}) {
          entry.put(flag, false);
        }
        entry.put("special", true);
      }
      JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
      Files.writeString(
          folder.resolve("tokenizer_config.json"),
          "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return CheckpointTokenizer.open(folder, template);
  }
}
