package io.proxytune.core.remote;

import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.checkpoint.GenerationConfig;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the ids of a server's model mean, as an application says. Immutable.
 *
 * @param tokenizer the tokenizer
 * @param endOfTextIds the ids that end a text, as far as they are known without the server
 */
record Vocabulary(Tokenizer tokenizer, Set<Integer> endOfTextIds) {
  Vocabulary {
    endOfTextIds = Set.copyOf(endOfTextIds);
  }

  static Vocabulary of(LogitSource source) {
    return new Vocabulary(
        source
            .tokenizer()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the model '"
                            + source.name()
                            + "' has no tokenizer: name a folder that has one")),
        source.endOfTextIds());
  }

  static Vocabulary of(Path folder) {
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    Set<Integer> ids =
        new TreeSet<>(
            GenerationConfig.endOfTextIds(folder, tokenizer.vocabularySize()).orElse(Set.of()));
    tokenizer.endOfTextId().ifPresent(ids::add);
    return new Vocabulary(tokenizer, ids);
  }

  /** The ids that end a text, with that of the token that the server names. */
  Set<Integer> endOfTextIds(String serversToken, int width) {
    Set<Integer> ids =
        endOfTextIds.stream()
            .filter(id -> id < width)
            .collect(Collectors.toCollection(TreeSet::new));
    Optional<Integer> named =
        serversToken.isEmpty() ? Optional.empty() : tokenizer.id(serversToken);
    named.filter(id -> id < width).ifPresent(ids::add);
    return Collections.unmodifiableSet(ids);
  }
}
