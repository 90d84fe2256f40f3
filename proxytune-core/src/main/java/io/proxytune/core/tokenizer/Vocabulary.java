package io.proxytune.core.tokenizer;

import java.util.BitSet;
import java.util.Map;
import java.util.Optional;

/** Tokens by id and by spelling; ids may have no token. Safe for use by several threads. */
final class Vocabulary {
  private final Map<String, Integer> ids;
  private final String[] tokens;
  private final BitSet special;

  /**
   * Makes a vocabulary.
   *
   * @param ids the id of each token; the last token that has an id is what the id means
   * @param special the ids of the special tokens
   */
  Vocabulary(Map<String, Integer> ids, BitSet special) {
    this.ids = Map.copyOf(ids);
    this.special = (BitSet) special.clone();
    int size = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    tokens = new String[size];
    ids.forEach((token, id) -> tokens[id] = token);
  }

  int size() {
    return tokens.length;
  }

  Optional<String> token(int id) {
    return id >= 0 && id < tokens.length ? Optional.ofNullable(tokens[id]) : Optional.empty();
  }

  Optional<Integer> id(String token) {
    return Optional.ofNullable(ids.get(token));
  }

  boolean isSpecial(int id) {
    return id >= 0 && special.get(id);
  }
}
