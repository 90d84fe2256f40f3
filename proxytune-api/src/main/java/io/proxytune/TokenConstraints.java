package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which tokens may, or must, stand where, as transformers' logits processors of these names have
 * it: immutable.
 *
 * @param bannedSequences the last token of a sequence is never emitted where the tokens before it
 *     have just been, in the base's prompt or the output ({@code bad_words_ids}); a sequence of one
 *     token is banned everywhere
 * @param bannedAtBegin never the first new token ({@code begin_suppress_tokens})
 * @param noRepeatNgramSize no so many tokens in a row occur twice, the base's prompt counted; 0 for
 *     no such rule
 * @param forcedBeginId the first new token where the base's prompt has a single one ({@code
 *     forced_bos_token_id})
 * @param forcedEndIds one of these is the last token that {@linkplain
 *     GenerationOptions#maxNewTokens() the limit} allows, where a text gets there ({@code
 *     forced_eos_token_id}), each as likely as the others; none for no such rule
 */
public record TokenConstraints(
    List<List<Integer>> bannedSequences,
    Set<Integer> bannedAtBegin,
    int noRepeatNgramSize,
    OptionalInt forcedBeginId,
    Set<Integer> forcedEndIds) {
  /** No constraint. */
  public static final TokenConstraints NONE =
      new TokenConstraints(List.of(), Set.of(), 0, OptionalInt.empty(), Set.of());

  public TokenConstraints {
    bannedSequences = bannedSequences.stream().map(List::copyOf).toList();
    bannedSequences.forEach(TokenConstraints::checkSequence);
    bannedAtBegin = Set.copyOf(bannedAtBegin);
    checkIds(bannedAtBegin, "an id that is banned at the begin");
    checkArgument(
        noRepeatNgramSize >= 0, "noRepeatNgramSize must be >= 0, got %s", noRepeatNgramSize);
    requireNonNull(forcedBeginId, "forcedBeginId");
    forcedBeginId.ifPresent(id -> checkIds(Set.of(id), "the forced first id"));
    forcedEndIds = Set.copyOf(forcedEndIds);
    checkIds(forcedEndIds, "a forced last id");
  }

  private static void checkSequence(List<Integer> sequence) {
    checkArgument(!sequence.isEmpty(), "a banned sequence must not be empty");
    checkIds(sequence, "an id of a banned sequence");
  }

  private static void checkIds(Collection<Integer> ids, String what) {
    ids.forEach(id -> checkArgument(id >= 0, "%s must be >= 0, got %s", what, id));
  }

  /**
   * The same with other banned sequences.
   *
   * @param sequences token ids, at least one in each
   * @return new constraints
   */
  public TokenConstraints withBannedSequences(List<List<Integer>> sequences) {
    return new TokenConstraints(
        sequences, bannedAtBegin, noRepeatNgramSize, forcedBeginId, forcedEndIds);
  }

  /**
   * The same with other ids that are banned as the first new token.
   *
   * @param ids token ids, at least 0
   * @return new constraints
   */
  public TokenConstraints withBannedAtBegin(Set<Integer> ids) {
    return new TokenConstraints(
        bannedSequences, ids, noRepeatNgramSize, forcedBeginId, forcedEndIds);
  }

  /**
   * The same with another length of what may not be repeated.
   *
   * @param size at least 0; 0 for no such rule
   * @return new constraints
   */
  public TokenConstraints withNoRepeatNgramSize(int size) {
    return new TokenConstraints(bannedSequences, bannedAtBegin, size, forcedBeginId, forcedEndIds);
  }

  /**
   * The same with a token that is forced after a prompt of a single one.
   *
   * @param id a token id, at least 0
   * @return new constraints
   */
  public TokenConstraints withForcedBeginId(int id) {
    return new TokenConstraints(
        bannedSequences, bannedAtBegin, noRepeatNgramSize, OptionalInt.of(id), forcedEndIds);
  }

  /**
   * The same with other ids of which one is forced at the limit.
   *
   * @param ids token ids, at least 0; none for no such rule
   * @return new constraints
   */
  public TokenConstraints withForcedEndIds(Set<Integer> ids) {
    return new TokenConstraints(
        bannedSequences, bannedAtBegin, noRepeatNgramSize, forcedBeginId, ids);
  }
}
