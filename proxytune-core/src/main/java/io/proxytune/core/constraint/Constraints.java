package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Strings;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.proxytune.Constraint;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.TokenBytes;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * The constraints of one model's vocabulary. Those that were used last are kept.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class Constraints {
  private static final int KEPT = 32;

  /** A tree takes a tenth of a second to make, and tuners of one model share it. */
  private static final Cache<Tokenizer, TokenTrie> TRIES =
      CacheBuilder.newBuilder().weakKeys().build();

  private final Tokenizer tokenizer;
  private final int width;
  private final IntPredicate emittable;
  private final Cache<Key, VocabularyConstraint> kept =
      CacheBuilder.newBuilder().maximumSize(KEPT).build();

  private record Key(Constraint constraint, Set<Integer> endIds, Set<Integer> bannedIds) {}

  /**
   * Prepares constraints; nothing is computed yet.
   *
   * @param tokenizer the tokenizer of the model's texts
   * @param width the number of logits in a row
   * @param emittable tells the ids that may be picked at all
   */
  public Constraints(Tokenizer tokenizer, int width, IntPredicate emittable) {
    this.tokenizer = tokenizer;
    this.width = width;
    this.emittable = emittable;
  }

  /**
   * A constraint for this vocabulary.
   *
   * @param constraint the form that texts must have
   * @param endIds the ids that end a text, which come only where the text is whole
   * @param bannedIds ids that are never picked
   * @return the constraint
   * @throws InvalidConstraintException if it can't be read, or no text of that form be written
   */
  public VocabularyConstraint of(
      Constraint constraint, Set<Integer> endIds, Set<Integer> bannedIds) {
    Key key = new Key(constraint, Set.copyOf(endIds), Set.copyOf(bannedIds));
    VocabularyConstraint known = kept.getIfPresent(key);
    if (known == null) {
      known = readable(key);
      kept.put(key, known);
    }
    return known;
  }

  private VocabularyConstraint readable(Key key) {
    try {
      return make(key);
    } catch (IllegalArgumentException e) {
      throw new InvalidConstraintException(Strings.nullToEmpty(e.getMessage()), e);
    }
  }

  private VocabularyConstraint make(Key key) {
    Form form = ConstraintForms.of(key.constraint, this::specialId);
    Set<Integer> ends = new HashSet<>(key.endIds);
    ends.removeAll(key.bannedIds);
    ends.removeIf(id -> id >= width || !emittable.test(id));
    checkArgument(
        !ends.isEmpty(),
        "a constraint needs a token that ends the text, and there is none: the model names none, or"
            + " it is ignored or banned. Give one with GenerationOptions.withStopIds(...)");
    TokenTrie tokens = trie();
    BitSet usable = new BitSet();
    for (int id = 0; id < Math.min(width, tokens.size()); id++) {
      boolean isText =
          tokens.bytes(id).length > 0
              && emittable.test(id)
              && !key.endIds.contains(id)
              && !key.bannedIds.contains(id);
      usable.set(id, isText);
    }
    BitSet bytes = tokens.singleBytes(usable);
    Grammar grammar = GrammarBuilder.build(form, Utf8Ranges.missing(bytes));
    return new VocabularyConstraint(grammar, tokens, usable, ends, width);
  }

  private Optional<Integer> specialId(String token) {
    return tokenizer.id(token).filter(tokenizer::isSpecial);
  }

  private TokenTrie trie() {
    TokenTrie known = TRIES.getIfPresent(tokenizer);
    if (known == null) {
      known = new TokenTrie(TokenBytes.of(tokenizer), tokenizer::isSpecial);
      TRIES.put(tokenizer, known);
    }
    return known;
  }
}
