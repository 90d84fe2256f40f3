package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;

/**
 * Takes out spaces before punctuation and English contractions, as transformers does where {@code
 * clean_up_tokenization_spaces} asks for it. It leaves texts of BPE tokenizers alone, which hold
 * the spaces that were written.
 */
final class SpaceCleanup {
  private static final ImmutableMap<String, String> REPLACEMENTS =
      ImmutableMap.<String, String>builder()
          .put(" .", ".")
          .put(" ?", "?")
          .put(" !", "!")
          .put(" ,", ",")
          .put(" ' ", "'")
          .put(" n't", "n't")
          .put(" 'm", "'m")
          .put(" 's", "'s")
          .put(" 've", "'ve")
          .put(" 're", "'re")
          .buildOrThrow();

  private SpaceCleanup() {}

  /**
   * Whether a tokenizer's decoded texts are cleaned.
   *
   * @param config {@code tokenizer_config.json}, or a missing node
   * @param tokenizer the root of {@code tokenizer.json}
   * @return whether they are
   */
  static boolean isWanted(JsonNode config, JsonNode tokenizer) {
    String setting = "clean_up_tokenization_spaces";
    return config.path(setting).asBoolean()
        && (!isBpe(tokenizer.path("model"))
            || config.path(setting + "_for_bpe_even_though_it_will_corrupt_output").asBoolean());
  }

  private static boolean isBpe(JsonNode model) {
    return model.has("type") ? model.path("type").asText().equals("BPE") : model.has("merges");
  }

  static String clean(String text) {
    String clean = text;
    for (var replacement : REPLACEMENTS.entrySet()) {
      clean = clean.replace(replacement.getKey(), replacement.getValue());
    }
    return clean;
  }

  /**
   * Whether what follows a text can still take a space out of its end.
   *
   * @param text a text that may stand behind a space
   * @return whether it can
   */
  static boolean isOpen(String text) {
    String behindSpace = " " + text;
    for (String pattern : REPLACEMENTS.keySet()) {
      for (int length = 1; length < pattern.length(); length++) {
        if (behindSpace.endsWith(pattern.substring(0, length))) {
          return true;
        }
      }
    }
    return false;
  }
}
