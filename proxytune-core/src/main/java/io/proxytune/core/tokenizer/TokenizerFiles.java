package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.TextFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of a checkpoint folder that belong to its tokenizer.
 *
 * @param folder the checkpoint folder
 */
record TokenizerFiles(Path folder) {
  Path tokenizerFile() {
    return folder.resolve("tokenizer.json");
  }

  Path configFile() {
    return folder.resolve("tokenizer_config.json");
  }

  Path specialTokensMapFile() {
    return folder.resolve("special_tokens_map.json");
  }

  Path addedTokensFile() {
    return folder.resolve("added_tokens.json");
  }

  /** {@code tokenizer_config.json}, or a missing node where there is none. */
  JsonNode config() {
    return optionalJson(configFile());
  }

  /** {@code special_tokens_map.json}, or a missing node where there is none. */
  JsonNode specialTokensMap() {
    return optionalJson(specialTokensMapFile());
  }

  /** {@code added_tokens.json}, or a missing node where there is none. */
  JsonNode addedTokens() {
    return optionalJson(addedTokensFile());
  }

  /** The model's {@code config.json}, or a missing node where there is none. */
  JsonNode modelConfig() {
    return optionalJson(folder.resolve("config.json"));
  }

  private static JsonNode optionalJson(Path file) {
    return InputFile.isListed(file) ? JsonFile.readConfig(file) : MissingNode.getInstance();
  }

  /**
   * The text of a file that may be absent.
   *
   * @param file the file
   * @return its text, if the folder lists it
   * @throws CheckpointException if it is listed but can't be read
   */
  static Optional<String> optionalText(Path file) {
    return InputFile.isListed(file) ? Optional.of(TextFile.read(file)) : Optional.empty();
  }
}
