package io.proxytune.core.constraint;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A constraint for the tokens of one vocabulary. Masks are made when a text first needs them, and
 * kept up to a bound.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class VocabularyConstraint {
  /** Bounds the memory of masks, 16 MiB. */
  private static final long MOST_MASKED_IDS = 1L << 22;

  /** What a mask takes beside its ids. */
  private static final int MASK_OVERHEAD = 32;

  private final Automaton automaton;
  private final TokenTrie tokens;
  private final BitSet usable;
  private final Set<Integer> endIds;
  private final int width;
  private final Optional<LiveStates> live;

  private final Cache<Automaton.State, TokenMask> masks =
      CacheBuilder.newBuilder()
          .concurrencyLevel(1)
          .maximumWeight(MOST_MASKED_IDS)
          .weigher((Automaton.State state, TokenMask mask) -> MASK_OVERHEAD + mask.ids().length)
          .build();

  /**
   * Binds a grammar to a vocabulary.
   *
   * @param usable the ids that may stand in a text
   * @param endIds the ids that end one; not usable otherwise
   * @param width the number of logits in a row
   * @throws IllegalArgumentException if the tokens spell no text of the grammar
   */
  VocabularyConstraint(
      Grammar grammar, TokenTrie tokens, BitSet usable, Set<Integer> endIds, int width) {
    this.automaton = new Automaton(grammar);
    this.tokens = tokens;
    this.usable = (BitSet) usable.clone();
    this.endIds = Set.copyOf(endIds);
    this.width = width;
    this.live = LiveStates.where(grammar, automaton, tokens, usable);
  }

  /**
   * Begins a text.
   *
   * @return where it is
   */
  public ConstraintState begin() {
    return new ConstraintState(this, automaton.start());
  }

  /** Where a token leads; null where it may not come. */
  Automaton.@Nullable State next(Automaton.State state, int id) {
    if (endIds.contains(id)) {
      return state.isWhole() ? state : null;
    }
    if (id < 0 || !usable.get(id) || tokens.bytes(id).length == 0) {
      return null;
    }
    Automaton.State next = state;
    for (byte b : tokens.bytes(id)) {
      next = automaton.next(next, b);
    }
    return automaton.isDead(next) || !isLive(next) ? null : next;
  }

  private boolean isLive(Automaton.State state) {
    return live.isEmpty() || live.get().has(state);
  }

  TokenMask mask(Automaton.State state) {
    TokenMask kept = masks.getIfPresent(state);
    if (kept == null) {
      kept = newMask(state);
      masks.put(state, kept);
    }
    return kept;
  }

  private TokenMask newMask(Automaton.State state) {
    BitSet allowed = new BitSet(width);
    tokens.walk(
        automaton,
        state,
        (id, next) -> {
          if (isLive(next)) {
            allowed.set(id);
          }
        });
    allowed.and(usable);
    if (state.isWhole()) {
      endIds.forEach(allowed::set);
    }
    allowed.clear(width, Math.max(width, allowed.length()));
    return TokenMask.of(allowed, width);
  }
}
