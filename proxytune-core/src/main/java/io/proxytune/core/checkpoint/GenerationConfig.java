package io.proxytune.core.checkpoint;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.files.InputFile;
import java.nio.file.Path;
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
  static final String FILE = "generation_config.json";

  public GenerationConfig {
    endOfTextIds = Collections.unmodifiableSet(endOfTextIds);
  }

  static GenerationConfig read(CheckpointFolder folder, int vocabularySize) {
    Set<Integer> begin = ids(folder, "bos_token_id", vocabularySize);
    return new GenerationConfig(
        begin.stream().findFirst(), ids(folder, "eos_token_id", vocabularySize));
  }

  /**
   * The end-of-text ids that a folder's file names, if it has one that does.
   *
   * @param folder a checkpoint folder
   * @param vocabularySize one more than the largest id
   * @return the ids
   */
  public static Optional<Set<Integer>> endOfTextIds(Path folder, int vocabularySize) {
    return Optional.of(folder.resolve(FILE))
        .filter(InputFile::isListed)
        .map(ConfigJson::read)
        .flatMap(config -> config.tokenIds("eos_token_id", vocabularySize));
  }

  private static Set<Integer> ids(CheckpointFolder folder, String key, int vocabularySize) {
    return folder
        .json(FILE)
        .flatMap(config -> config.tokenIds(key, vocabularySize))
        .or(() -> folder.config().tokenIds(key, vocabularySize))
        .orElse(Set.of());
  }
}
