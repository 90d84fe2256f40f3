package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids of tokens as transformers numbers them: the model's own, and for added tokens that it
 * lacks the next ones, whatever their files say.
 */
final class TokenNumbers {
  /** Far above any real vocabulary; keeps a broken file from claiming the heap. */
  static final int MAX_ID = 1 << 24;

  // In order, since an added token hides one of the model's that has its id.
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private int modelSize;
  private int lastAdded = -1;
  private int next;

  private TokenNumbers() {}

  /**
   * The ids of a model's own tokens.
   *
   * @param file where they come from, for messages
   * @param vocab the {@code model.vocab} of a {@code tokenizer.json}
   * @return the ids
   * @throws CheckpointException if there are none, or an id is none
   */
  static TokenNumbers ofModel(Path file, JsonNode vocab) {
    TokenNumbers numbers = new TokenNumbers();
    if (vocab.isObject()) {
      vocab
          .properties()
          .forEach(entry -> numbers.ids.put(entry.getKey(), checked(file, entry.getValue())));
    } else if (vocab.isArray()) { // Unigram: [token, score] in the order of the ids
      for (int id = 0; id < vocab.size(); id++) {
        numbers.ids.put(vocab.path(id).path(0).asText(), id);
      }
    } else {
      throw new CheckpointException(
          file + " has no model.vocab: expected an object, or an array for a Unigram model");
    }
    numbers.modelSize = vocab.size();
    return numbers;
  }

  static int checked(Path file, JsonNode id) {
    if (!id.isInt() || id.intValue() < 0 || id.intValue() > MAX_ID) {
      throw new CheckpointException(
          file
              + " has the token id "
              + JsonText.show(id)
              + ": expected an integer from 0 to "
              + MAX_ID);
    }
    return id.intValue();
  }

  /** Begins the tokens of one file: new ones follow all that were added before. */
  void beginFile() {
    next = Math.max(modelSize, lastAdded + 1);
  }

  /**
   * Adds a token.
   *
   * @param content the token, perhaps one that is known
   * @return its id
   */
  int add(String content) {
    @Nullable Integer known = ids.get(content);
    int id = known == null ? next++ : known;
    ids.remove(content);
    ids.put(content, id);
    lastAdded = Math.max(lastAdded, id);
    return id;
  }

  /** The ids of all tokens; where two have the same, the later one is what the id means. */
  Map<String, Integer> ids() {
    return Collections.unmodifiableMap(ids);
  }
}
