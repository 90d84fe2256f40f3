package io.proxytune.examples.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.Ints;
import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import io.proxytune.core.training.TrainingData;
import io.proxytune.core.training.TrainingSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A folder with a tokenizer, which knows what stands before and behind a document. */
final class TokenizerFolder {
  private static final String CONFIG = "tokenizer_config.json";

  private TokenizerFolder() {}

  /** Documents as one stream, cut into rows; each begins and ends as the folder's files say. */
  static TrainingData data(Path folder, List<String> documents, int positions) {
    Tokenizer tokenizer = ChatData.tokenizer(folder, Optional.empty());
    return TrainingData.ofTexts(
        documents,
        tokenizer,
        tokenizer.encode("", true),
        end(folder.resolve(CONFIG), tokenizer),
        positions);
  }

  /** Documents as rows, one each; they begin and end in the same way. */
  static TrainingData rows(Path folder, List<String> documents) {
    Tokenizer tokenizer = ChatData.tokenizer(folder, Optional.empty());
    int[] end = end(folder.resolve(CONFIG), tokenizer);
    return TrainingData.of(
        documents.stream()
            .map(text -> TrainingSequence.of(Ints.concat(tokenizer.encode(text, true), end)))
            .toList());
  }

  private static int[] end(Path config, Tokenizer tokenizer) {
    JsonNode named = read(config).path("eos_token");
    String token = named.isObject() ? named.path("content").asText() : named.asText();
    int id =
        tokenizer
            .id(token)
            .orElseThrow(
                () ->
                    new CheckpointException(
                        config
                            + " must name an eos_token of the vocabulary, got "
                            + named
                            + ": documents end with it"));
    return new int[] {id};
  }

  private static JsonNode read(Path file) {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new CheckpointException(file + " can't be read: " + e.getMessage(), e);
    }
  }
}
