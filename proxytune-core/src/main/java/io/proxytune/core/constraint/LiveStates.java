package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The states from which tokens spell a text to its end. Where every byte has a token of its own
 * that is all of them; a vocabulary of words may lead into a state that no word leads out of.
 * Immutable.
 */
final class LiveStates {
  /** Beyond it a form is refused that can't be looked through. */
  private static final int MOST_STATES = 1 << 11;

  private static final int MOST_STEPS = 1 << 22;

  private final Set<Automaton.State> live;

  private LiveStates(Set<Automaton.State> live) {
    this.live = live;
  }

  /**
   * Finds them.
   *
   * @param usable the ids that may stand in a text
   * @return the states; nothing where all are
   * @throws IllegalArgumentException if no text can be spelled, or there are too many states to say
   */
  static Optional<LiveStates> where(
      Grammar grammar, Automaton automaton, TokenTrie tokens, BitSet usable) {
    Set<Integer> missing = bytesOf(grammar);
    tokens.singleBytes(usable).stream().forEach(missing::remove);
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    Set<Automaton.State> live = explore(automaton, tokens, usable, missing);
    checkArgument(
        live.contains(automaton.start()),
        "the vocabulary can't spell what this constraint asks for: no sequence of its tokens does,"
            + " and it has none for %s alone. Where its words begin with a space, so must the text",
        shown(missing));
    return Optional.of(new LiveStates(live));
  }

  /** The bytes of its texts; special tokens are there, or not a part of it. */
  private static Set<Integer> bytesOf(Grammar grammar) {
    Set<Integer> bytes = new TreeSet<>();
    for (Grammar.State state : grammar.states()) {
      for (Grammar.Edge edge : state.edges()) {
        for (int b = edge.low(); b <= edge.high() && b < SpecialTokenBytes.FIRST; b++) {
          bytes.add(b);
        }
      }
    }
    return bytes;
  }

  private static Set<Automaton.State> explore(
      Automaton automaton, TokenTrie tokens, BitSet usable, Set<Integer> missing) {
    SetMultimap<Automaton.State, Automaton.State> before = HashMultimap.create();
    Set<Automaton.State> seen = new HashSet<>(Set.of(automaton.start()));
    Deque<Automaton.State> open = new ArrayDeque<>(seen);
    AtomicInteger steps = new AtomicInteger();
    while (!open.isEmpty()) {
      Automaton.State state = open.remove();
      tokens.walk(
          automaton,
          state,
          (id, next) -> {
            steps.incrementAndGet();
            if (usable.get(id)) {
              before.put(next, state);
              if (seen.add(next)) {
                open.add(next);
              }
            }
          });
      checkArgument(
          seen.size() <= MOST_STATES && steps.get() <= MOST_STEPS,
          "this constraint is too large for a vocabulary without tokens for %s: use a smaller one",
          shown(missing));
    }
    return leadingToEnd(seen, before);
  }

  private static Set<Automaton.State> leadingToEnd(
      Set<Automaton.State> all, SetMultimap<Automaton.State, Automaton.State> before) {
    Set<Automaton.State> live = new HashSet<>();
    Deque<Automaton.State> open =
        new ArrayDeque<>(all.stream().filter(Automaton.State::isWhole).toList());
    while (!open.isEmpty()) {
      Automaton.State state = open.remove();
      if (live.add(state)) {
        open.addAll(before.get(state));
      }
    }
    return live;
  }

  boolean has(Automaton.State state) {
    return live.contains(state);
  }

  /** Some bytes, for messages. */
  private static String shown(Set<Integer> bytes) {
    int most = 8;
    StringBuilder shown = new StringBuilder();
    bytes.stream()
        .limit(most)
        .forEach(
            b ->
                shown
                    .append(shown.isEmpty() ? "" : ", ")
                    .append(
                        b > ' ' && b < 0x7F
                            ? "'" + (char) b.intValue() + "'"
                            : String.format(Locale.ROOT, "byte 0x%02X", b)));
    return bytes.size() > most ? shown + ", …" : shown.toString();
  }
}
