package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a text has got in a constraint. For one thread at a time. */
public final class ConstraintState {
  private final VocabularyConstraint constraint;

  /** The state before each token, and behind the last. */
  private final List<Automaton.State> states = new ArrayList<>();

  ConstraintState(VocabularyConstraint constraint, Automaton.State start) {
    this.constraint = constraint;
    states.add(start);
  }

  private Automaton.State last() {
    return states.get(states.size() - 1);
  }

  /**
   * Whether a token may come next, told without a mask.
   *
   * @param id a token id
   * @return whether it may
   */
  public boolean allows(int id) {
    return constraint.next(last(), id) != null;
  }

  /**
   * How many of some tokens may come next, in order.
   *
   * @param ids token ids
   * @return the number, up to the first that may not
   */
  public int allowed(int[] ids) {
    Automaton.@Nullable State state = last();
    for (int i = 0; i < ids.length; i++) {
      state = constraint.next(state, ids[i]);
      if (state == null) {
        return i;
      }
    }
    return ids.length;
  }

  /**
   * The tokens that may come next, at least one.
   *
   * @return the mask
   */
  public TokenMask mask() {
    return constraint.mask(last());
  }

  /**
   * Takes a token.
   *
   * @param id one that may come next
   */
  public void append(int id) {
    Automaton.State next = constraint.next(last(), id);
    checkArgument(next != null, "the constraint has no place for token id %s here", id);
    states.add(next);
  }

  /**
   * Forgets all but the first tokens.
   *
   * @param tokens how many to keep, from 0 to the number appended
   */
  public void truncate(int tokens) {
    states.subList(tokens + 1, states.size()).clear();
  }
}
