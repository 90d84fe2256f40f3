package io.proxytune.core.remote;

import io.proxytune.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which id a server means that writes tokens as texts: as they read inside a text, or as the
 * vocabulary spells them. A text that may be one of several ids is none. Immutable.
 */
final class TokenNames {
  /** What vLLM writes instead where it is asked to. */
  private static final String BY_ID = "token_id:";

  private static final int AMBIGUOUS = -1;
  private static final int MAX_DIGITS = 8;

  private final Map<String, Integer> ids = new HashMap<>();
  private final int width;

  TokenNames(Tokenizer tokenizer) {
    this.width = tokenizer.vocabularySize();
    int[] before = tokenizer.encode("a", false);
    int start = tokenizer.decode(before, false).length();
    int[] both = Arrays.copyOf(before, before.length + 1);
    for (int id = 0; id < width; id++) {
      if (tokenizer.token(id).isPresent()) {
        both[before.length] = id;
        put(tokenizer.decode(both, false).substring(start), id);
        put(tokenizer.token(id).get(), id);
      }
    }
  }

  private void put(String text, int id) {
    ids.merge(text, id, (first, second) -> first.equals(second) ? first : AMBIGUOUS);
  }

  /** The id of a token, if it is one alone. */
  OptionalInt id(String text) {
    if (text.startsWith(BY_ID)) {
      String digits = text.substring(BY_ID.length());
      boolean isNumber =
          !digits.isEmpty()
              && digits.length() <= MAX_DIGITS
              && digits.chars().allMatch(c -> c >= '0' && c <= '9');
      int id = isNumber ? Integer.parseInt(digits) : width;
      return id < width ? OptionalInt.of(id) : OptionalInt.empty();
    }
    Integer id = ids.get(text);
    return id == null || id == AMBIGUOUS ? OptionalInt.empty() : OptionalInt.of(id);
  }

  int width() {
    return width;
  }
}
