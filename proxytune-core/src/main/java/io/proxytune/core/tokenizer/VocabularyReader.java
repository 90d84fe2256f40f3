package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.CheckpointException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the vocabulary of one {@code tokenizer.json}. */
final class VocabularyReader {
  private static final Logger logger = LoggerFactory.getLogger(VocabularyReader.class);

  /** Far above any real vocabulary; keeps a broken file from claiming the heap. */
  private static final int MAX_ID = 1 << 24;

  private final Path file;
  private final Map<String, Integer> ids = new HashMap<>();
  private final BitSet special = new BitSet();

  private VocabularyReader(Path file) {
    this.file = file;
  }

  /**
   * Reads the vocabulary.
   *
   * @param file where it comes from, for messages
   * @param tokenizer the root of the file
   * @return the vocabulary
   * @throws CheckpointException if there is none, or an id is none
   */
  static Vocabulary read(Path file, JsonNode tokenizer) {
    VocabularyReader reader = new VocabularyReader(file);
    reader.readModel(tokenizer.path("model").path("vocab"));
    reader.readAddedTokens(tokenizer.path("added_tokens"));
    return new Vocabulary(reader.ids, reader.special);
  }

  private void readModel(JsonNode vocab) {
    if (vocab.isObject()) {
      vocab.properties().forEach(entry -> ids.put(entry.getKey(), checkedId(entry.getValue())));
    } else if (vocab.isArray()) { // Unigram: [token, score] in the order of the ids
      for (int id = 0; id < vocab.size(); id++) {
        ids.put(vocab.path(id).path(0).asText(), id);
      }
    } else {
      throw new CheckpointException(
          file + " has no model.vocab: expected an object, or an array for a Unigram model");
    }
  }

  private int checkedId(JsonNode id) {
    if (!id.isInt() || id.intValue() < 0 || id.intValue() > MAX_ID) {
      throw new CheckpointException(
          file + " has the token id " + id + ": expected an integer from 0 to " + MAX_ID);
    }
    return id.intValue();
  }

  /**
   * Added tokens that the model lacks count from its end: the native library numbers them so,
   * whatever the file says.
   */
  private void readAddedTokens(JsonNode added) {
    int next = ids.size();
    for (JsonNode token : added) {
      String content = token.path("content").asText();
      if (!content.isEmpty()) {
        int id = ids.getOrDefault(content, next);
        warnIfOther(content, checkedId(token.path("id")), id);
        ids.put(content, id);
        next = Math.max(next, id + 1);
        special.set(id, token.path("special").asBoolean() || special.get(id));
      }
    }
  }

  private void warnIfOther(String content, int stated, int id) {
    if (stated != id) {
      logger.warn(
          "{} states id {} for the added token {}, which the tokenizers library numbers {}:"
              + " check that the model was trained with that",
          file,
          stated,
          content,
          id);
    }
  }
}
