package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.InputFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the chat template of a checkpoint folder: {@code chat_template.jinja}, else the one named
 * default in a folder of templates, else what {@code tokenizer_config.json} holds.
 */
final class TemplateFiles {
  private static final String DEFAULT = "default";

  /** Folders of named templates. */
  private static final ImmutableList<String> FOLDERS =
      ImmutableList.of("additional_chat_templates", "chat_templates");

  /** What processors of images have; it is not read, but that it can't be read is said. */
  private static final String PROCESSOR_TEMPLATE = "chat_template.json";

  private TemplateFiles() {}

  /** A template's source and the file that it stands in. */
  record TemplateSource(Path file, String source) {}

  /**
   * Finds the template.
   *
   * @param files the checkpoint's files
   * @return the template, if there is one
   * @throws CheckpointException if a file of a template is listed but can't be read
   */
  static Optional<TemplateSource> find(TokenizerFiles files) {
    Path folder = files.folder();
    if (InputFile.isListed(folder.resolve(PROCESSOR_TEMPLATE))) {
      InputFile.requireRegular(folder.resolve(PROCESSOR_TEMPLATE));
    }
    Path own = folder.resolve("chat_template.jinja");
    Optional<TemplateSource> template =
        TokenizerFiles.optionalText(own).map(source -> new TemplateSource(own, source));
    for (String name : FOLDERS) {
      requireFolder(folder.resolve(name));
      Path named = folder.resolve(name).resolve(DEFAULT + ".jinja");
      template =
          template.or(
              () ->
                  TokenizerFiles.optionalText(named)
                      .map(source -> new TemplateSource(named, source)));
    }
    return template.or(
        () ->
            template(files.config().path("chat_template"))
                .map(source -> new TemplateSource(files.configFile(), source)));
  }

  private static void requireFolder(Path folder) {
    if (InputFile.isListed(folder) && !Files.isDirectory(folder)) {
      throw new CheckpointException(
          folder
              + " must be a folder, got "
              + (Files.exists(folder) ? "a file" : "a link that leads nowhere")
              + "; download it again, or delete it");
    }
  }

  /** A template is a string, or the one named default among several. */
  private static Optional<String> template(JsonNode node) {
    if (node.isTextual()) {
      return Optional.of(node.textValue());
    }
    if (node.path(DEFAULT).isTextual()) {
      return Optional.of(node.path(DEFAULT).textValue());
    }
    for (JsonNode named : node) {
      if (named.path("name").asText().equals(DEFAULT)) {
        return Optional.of(named.path("template").asText());
      }
    }
    return Optional.empty();
  }
}
