package io.proxytune.core.retokenizing;

import io.proxytune.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Where the tokens of a model are in the base's vocabulary: each as the base's tokens that read
 * like it. Safe for use by several threads.
 */
final class TokenMap {
  private final ByteVocabulary own;
  private final ByteVocabulary base;

  /** For each own token the base's that spell it, as far as they do. */
  private final AtomicReferenceArray<int[]> spelled;

  private final ByteEncoder encoder;

  /** For each own special token the base's. */
  private final int[] special;

  private final BitSet exact = new BitSet();
  private final BitSet ends = new BitSet();
  private int otherEnd = ByteVocabulary.NONE;

  /**
   * Maps a vocabulary.
   *
   * @param own the model's
   * @param ownEnds ids of it that end a text
   * @param base the base's
   * @param baseEnds its ids that end a text
   */
  TokenMap(ByteVocabulary own, Set<Integer> ownEnds, ByteVocabulary base, Set<Integer> baseEnds) {
    this.own = own;
    this.base = base;
    this.spelled = new AtomicReferenceArray<>(own.width());
    this.encoder = new ByteEncoder(base);
    this.special = new int[own.width()];
    for (int id = 0; id < special.length; id++) {
      special[id] = ByteVocabulary.NONE;
      if (own.bytes(id).length > 0) {
        findSame(id);
      } else {
        spelled.set(id, new int[0]);
        special[id] = namesake(id).orElse(ByteVocabulary.NONE);
        namesake(id).ifPresent(exact::set);
      }
    }
    mapEnds(ownEnds, baseEnds);
  }

  /** The base's token of the same bytes, and if it can be the same token. */
  private void findSame(int id) {
    byte[] bytes = own.bytes(id);
    int same =
        namesake(id)
            .filter(found -> Arrays.equals(base.bytes(found), bytes))
            .orElseGet(() -> base.exact(bytes));
    if (same != ByteVocabulary.NONE) {
      exact.set(same);
      spelled.set(id, new int[] {same});
    }
  }

  private Optional<Integer> namesake(int id) {
    boolean isSpecial = own.bytes(id).length == 0;
    Tokenizer theirs = base.tokenizer();
    return own.tokenizer()
        .token(id)
        .flatMap(theirs::id)
        .filter(found -> found < base.width() && (base.bytes(found).length == 0) == isSpecial);
  }

  /** What ends a text does so under any name. */
  private void mapEnds(Set<Integer> ownEnds, Set<Integer> baseEnds) {
    if (!ownEnds.isEmpty()) {
      baseEnds.stream().filter(id -> !exact.get(id)).forEach(ends::set);
    }
    otherEnd =
        ends.isEmpty()
            ? baseEnds.stream().mapToInt(Integer::intValue).min().orElse(ByteVocabulary.NONE)
            : ByteVocabulary.NONE;
  }

  ByteVocabulary own() {
    return own;
  }

  ByteVocabulary base() {
    return base;
  }

  /** The base's tokens that an own one reads as; none for special ones. Not changed. */
  int[] spelled(int ownId) {
    int[] known = spelled.get(ownId);
    if (known == null) {
      known = encoder.encodeAnew(own.bytes(ownId));
      spelled.set(ownId, known);
    }
    return known;
  }

  /** Encodes all tokens now, which takes a while. */
  TokenMap complete() {
    for (int id = 0; id < special.length; id++) {
      spelled(id);
    }
    return this;
  }

  /** The base's token that a special one is. */
  int special(int ownId) {
    return special[ownId];
  }

  /** The own token that one of the base's without bytes is; negative for none. */
  int ownSpecial(int baseId) {
    for (int id = 0; id < special.length; id++) {
      if (special[id] == baseId) {
        return id;
      }
    }
    return ByteVocabulary.NONE;
  }

  /** Whether an own token has just the bytes of one of the base's, or is the same special one. */
  boolean isExact(int baseId) {
    return exact.get(baseId);
  }

  /** The base's ids that end a text and have no namesake: they stand for all ends. */
  BitSet ends() {
    return ends;
  }

  /** Where all of the base's ends have a namesake, the one that stands for other ends. */
  int otherEnd() {
    return otherEnd;
  }

  /** Whether something is known of one of the base's tokens without looking it up. */
  boolean isMapped(int baseId) {
    return exact.get(baseId) || ends.get(baseId);
  }
}
