package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.GenerationOptions;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.session.SessionPlan;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The ids that end a text: immutable.
 *
 * @param endOfText the models' own
 * @param stop the request's
 */
record EndIds(Set<Integer> endOfText, Set<Integer> stop) {
  EndIds {
    endOfText = Set.copyOf(endOfText);
    stop = Set.copyOf(stop);
  }

  /**
   * What ends the texts of a prompt.
   *
   * @param plan tells which pairs add to the logits; others don't end a text either
   */
  static EndIds of(ModelRole base, SessionPlan plan, GenerationOptions options) {
    Set<Integer> endOfText = new HashSet<>();
    if (!options.ignoreEndOfText()) {
      endOfText.addAll(base.source().endOfTextIds());
      if (!options.ignoreExpertEndOfText()) {
        plan.pairs().stream()
            .filter(pair -> pair.alpha() != 0)
            .forEach(pair -> endOfText.addAll(pair.endOfTextIds()));
      }
    }
    Set<Integer> stop = new HashSet<>(options.stopIds());
    base.textTokenizer()
        .ifPresent(
            tokenizer ->
                options.stopStrings().stream()
                    .flatMap(string -> specialToken(tokenizer, string))
                    .forEach(stop::add));
    return new EndIds(endOfText, stop);
  }

  private static Stream<Integer> specialToken(Tokenizer tokenizer, String string) {
    return tokenizer.id(string).filter(tokenizer::isSpecial).stream();
  }

  /** Why this id ends the text, if it does. */
  Optional<FinishReason> endBy(int id) {
    if (endOfText.contains(id)) {
      return Optional.of(FinishReason.END_OF_TEXT);
    }
    return stop.contains(id) ? Optional.of(FinishReason.STOP_ID) : Optional.empty();
  }

  /** All of them. */
  Set<Integer> all() {
    Set<Integer> all = new HashSet<>(endOfText);
    all.addAll(stop);
    return all;
  }
}
