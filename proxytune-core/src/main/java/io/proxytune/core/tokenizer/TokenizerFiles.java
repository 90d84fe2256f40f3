package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.common.collect.ImmutableMap;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.TextFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The text files of a checkpoint folder that belong to its tokenizer.
 *
 * @param folder the checkpoint folder
 * @param ownTemplate a chat template to use instead of the folder's
 */
record TokenizerFiles(Path folder, Optional<Path> ownTemplate) {
  /** What transformers passes to chat templates by these names. */
  private static final List<String> NAMED_TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /** A template's source and the file that it stands in. */
  record TemplateSource(Path file, String source) {}

  Path tokenizerFile() {
    return folder.resolve("tokenizer.json");
  }

  /**
   * The tokenizer itself.
   *
   * @return the text of {@code tokenizer.json}
   * @throws CheckpointException if there is none; the message says how to make one
   */
  String tokenizerJson() {
    if (!InputFile.isListed(tokenizerFile())) {
      throw new CheckpointException(
          folder
              + " has no tokenizer.json, the only tokenizer format that is read; make one from"
              + " other formats in Python with transformers:"
              + " AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)");
    }
    return TextFile.read(tokenizerFile());
  }

  /**
   * The chat template: {@code chat_template.jinja}, else what {@code tokenizer_config.json} holds.
   *
   * @return the template, if there is one
   */
  Optional<TemplateSource> chatTemplate() {
    Path file = ownTemplate.orElse(folder.resolve("chat_template.jinja"));
    if (ownTemplate.isPresent() || InputFile.isListed(file)) {
      return Optional.of(new TemplateSource(file, TextFile.read(file)));
    }
    Path config = folder.resolve("tokenizer_config.json");
    return template(optionalJson(config).path("chat_template"))
        .map(source -> new TemplateSource(config, source));
  }

  /** A template is a string, or the one named default among several. */
  private static Optional<String> template(JsonNode node) {
    if (node.isTextual()) {
      return Optional.of(node.textValue());
    }
    for (JsonNode named : node) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(named.path("template").asText());
      }
    }
    return Optional.empty();
  }

  /**
   * The special tokens that have a role, by the names that chat templates know.
   *
   * @return for example {@code bos_token → <s>}
   */
  Map<String, String> namedTokens() {
    JsonNode config = optionalJson(folder.resolve("tokenizer_config.json"));
    JsonNode map = optionalJson(folder.resolve("special_tokens_map.json"));
    ImmutableMap.Builder<String, String> tokens = ImmutableMap.builder();
    for (String name : NAMED_TOKENS) {
      content(config.has(name) ? config.path(name) : map.path(name))
          .ifPresent(content -> tokens.put(name, content));
    }
    return tokens.buildOrThrow();
  }

  /** A token is a string or an object with its content. */
  private static Optional<String> content(JsonNode token) {
    JsonNode content = token.isObject() ? token.path("content") : token;
    return Optional.ofNullable(content.textValue());
  }

  private static JsonNode optionalJson(Path file) {
    return InputFile.isListed(file) ? JsonFile.readConfig(file) : MissingNode.getInstance();
  }
}
