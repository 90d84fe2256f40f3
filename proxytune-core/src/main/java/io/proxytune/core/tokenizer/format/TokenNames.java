package io.proxytune.core.tokenizer.format;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The tokens of a tokenizer with the ids that the native library gives them. */
final class TokenNames {
  /** Far above any real vocabulary; keeps a broken file from claiming the heap. */
  static final int MOST_ID = 1 << 24;

  private final Map<String, Integer> model = new HashMap<>();
  private final Map<String, Integer> added = new HashMap<>();
  private final Set<Integer> ids = new HashSet<>();
  private int nextAdded;
  private int longest;

  /** Adds a token of the model. */
  void add(String token, int id) {
    model.put(token, id);
    ids.add(id);
    longest = Math.max(longest, token.codePointCount(0, token.length()));
  }

  boolean hasInModel(String token) {
    return model.containsKey(token);
  }

  int sizeOfModel() {
    return model.size();
  }

  /**
   * Adds a token that stands beside the model. What the model has keeps its id; the others are
   * numbered on from its end, whatever the file says.
   */
  void addBeside(String token) {
    int next = Math.max(nextAdded, model.size());
    int id = model.getOrDefault(token, added.getOrDefault(token, next));
    added.put(token, id);
    nextAdded = Math.max(nextAdded, id + 1);
    ids.add(id);
    longest = Math.max(longest, token.codePointCount(0, token.length()));
  }

  boolean hasId(int id) {
    return ids.contains(id);
  }

  /** The characters of the longest token. */
  int longest() {
    return longest;
  }
}
