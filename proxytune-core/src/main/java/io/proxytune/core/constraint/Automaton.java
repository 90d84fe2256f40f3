package io.proxytune.core.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A grammar made deterministic: its states are sets of places, made when a text first gets there
 * and kept, up to a bound. Safe for use by several threads.
 */
final class Automaton {
  /** Beyond it all are forgotten but those that texts are in. */
  private static final int MOST_STATES = 1 << 13;

  private final Grammar grammar;
  private final int[] classOf;
  private final Config startConfig;
  private final State dead;
  private volatile Known known;

  /**
   * What texts that got here have in common.
   *
   * @param places where they may be; empty where nothing can follow
   * @param isWhole whether the text may end here
   */
  private record Config(Set<Frame> places, boolean isWhole) {}

  /** The states that are kept. */
  private record Known(ConcurrentMap<Config, State> states, State start) {}

  /** A state; equal where what may follow is. */
  static final class State {
    private final Config config;

    /** By class of byte. Threads that race write equal states, whose fields are final. */
    private final @Nullable State[] next;

    private State(Config config, int classes) {
      this.config = config;
      this.next = new State[classes];
    }

    /** Whether a text may end here. */
    boolean isWhole() {
      return config.isWhole;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other || (other instanceof State state && config.equals(state.config));
    }

    @Override
    public int hashCode() {
      return config.hashCode();
    }
  }

  Automaton(Grammar grammar) {
    this.grammar = grammar;
    this.classOf = grammar.classOf().toArray();
    dead = new State(new Config(Set.of(), false), grammar.classes());
    startConfig = closure(List.of(new Frame(0, null)));
    known = fresh();
  }

  private Known fresh() {
    State start = new State(startConfig, grammar.classes());
    ConcurrentMap<Config, State> states = new ConcurrentHashMap<>();
    states.put(startConfig, start);
    return new Known(states, start);
  }

  /** Where every text begins. */
  State start() {
    return known.start;
  }

  /** Whether no text goes on from here, nor ends. */
  boolean isDead(State state) {
    return !state.config.isWhole && state.config.places.isEmpty();
  }

  /** Where a byte leads. */
  State next(State state, byte b) {
    int byteClass = classOf[b & 0xFF];
    State next = state.next[byteClass];
    if (next == null) {
      next = newNext(state, b & 0xFF);
      state.next[byteClass] = next;
    }
    return next;
  }

  private State newNext(State state, int b) {
    List<Frame> reached = new ArrayList<>();
    for (Frame place : state.config.places) {
      for (Grammar.Edge edge : grammar.states().get(place.state()).edges()) {
        if (edge.low() <= b && b <= edge.high()) {
          reached.add(new Frame(edge.to(), place.outer()));
        }
      }
    }
    return reached.isEmpty() ? dead : kept(closure(reached));
  }

  private State kept(Config config) {
    Known now = known;
    if (now.states.size() >= MOST_STATES) {
      now = fresh();
      known = now;
    }
    return now.states.computeIfAbsent(config, c -> new State(c, grammar.classes()));
  }

  /**
   * All that is reached without a byte: the places that bytes lead on from, and whether it ends.
   */
  private Config closure(Collection<Frame> reached) {
    Deque<Frame> open = new ArrayDeque<>(reached);
    Set<Frame> seen = new HashSet<>(reached);
    Set<Frame> places = new HashSet<>();
    boolean isWhole = false;
    while (!open.isEmpty()) {
      Frame place = open.remove();
      Grammar.State state = grammar.states().get(place.state());
      if (!state.edges().isEmpty()) {
        places.add(place);
      }
      isWhole |= state.isEnd() && place.outer() == null;
      for (Frame next : followers(place, state)) {
        if (seen.add(next)) {
          open.add(next);
        }
      }
    }
    return new Config(Set.copyOf(places), isWhole);
  }

  private List<Frame> followers(Frame place, Grammar.State state) {
    List<Frame> followers = new ArrayList<>();
    state.free().forEach(free -> followers.add(new Frame(free, place.outer())));
    for (Grammar.Call call : state.calls()) {
      followers.add(new Frame(call.rule(), behind(call.next(), place.outer())));
    }
    if (state.isEnd() && place.outer() != null) {
      followers.add(place.outer());
    }
    return followers;
  }

  /** A state that only ends its rule need not be remembered: what is around it is what follows. */
  private @Nullable Frame behind(int next, @Nullable Frame outer) {
    Grammar.State state = grammar.states().get(next);
    boolean onlyEnds =
        state.isEnd()
            && state.edges().isEmpty()
            && state.free().isEmpty()
            && state.calls().isEmpty();
    return onlyEnds ? outer : new Frame(next, outer);
  }
}
