package io.proxytune.core.checkpoint;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;

/**
 * The ids that begin and end a text, from {@code generation_config.json} or else from {@code
 * config.json}: immutable.
 *
 * @param beginOfTextId BOS, in {@code [0, vocabularySize)}, or nothing
 * @param endOfTextIds EOS, each in {@code [0, vocabularySize)}, ascending; may be empty
 */
public record GenerationConfig(Optional<Integer> beginOfTextId, Set<Integer> endOfTextIds) {
  private static final String FILE = "generation_config.json";

  public GenerationConfig {
    endOfTextIds = Collections.unmodifiableSet(endOfTextIds);
  }

  static GenerationConfig read(CheckpointFolder folder, int vocabularySize) {
    Set<Integer> begin = ids(folder, "bos_token_id", vocabularySize);
    return new GenerationConfig(
        begin.stream().findFirst(), ids(folder, "eos_token_id", vocabularySize));
  }

  private static Set<Integer> ids(CheckpointFolder folder, String key, int vocabularySize) {
    return folder
        .json(FILE)
        .flatMap(config -> config.tokenIds(key, vocabularySize))
        .or(() -> folder.config().tokenIds(key, vocabularySize))
        .orElse(Set.of());
  }
}
