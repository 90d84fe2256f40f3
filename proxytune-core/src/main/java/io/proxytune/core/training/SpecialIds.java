package io.proxytune.core.training;

import io.proxytune.CheckpointException;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The ids of a tokenizer's special tokens that a config names.
 *
 * @param begin BOS
 * @param end EOS
 * @param pad what fills rows
 */
record SpecialIds(Optional<Integer> begin, Optional<Integer> end, Optional<Integer> pad) {
  static SpecialIds of(Path folder, int vocabularySize) {
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    if (tokenizer.vocabularySize() > vocabularySize) {
      throw new CheckpointException(
          "the tokenizer in "
              + folder
              + " has "
              + tokenizer.vocabularySize()
              + " ids, more than the new model's vocabulary of "
              + vocabularySize
              + "; make the model's at least as large");
    }
    return new SpecialIds(
        id(tokenizer, "bos_token"), id(tokenizer, "eos_token"), id(tokenizer, "pad_token"));
  }

  private static Optional<Integer> id(CheckpointTokenizer tokenizer, String name) {
    return Optional.ofNullable(tokenizer.namedTokens().get(name)).flatMap(tokenizer::id);
  }
}
