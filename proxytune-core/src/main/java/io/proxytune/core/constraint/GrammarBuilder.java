package io.proxytune.core.constraint;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Bytes;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a grammar of a form, state by state as Thompson's construction has it. Characters of more
 * than one byte are rules of their own, so that a thousand of them take a thousand states. For one
 * thread.
 */
final class GrammarBuilder {
  /** Bounds the memory and the time that a form takes. */
  private static final int MAX_STATES = 1 << 18;

  private static final int BYTES = 256;

  private final Productivity productivity;
  private final CodePoints unspelled;
  private final List<Draft> states = new ArrayList<>();
  private final Map<Object, Integer> rules = new HashMap<>();
  private final Deque<Runnable> bodies = new ArrayDeque<>();

  /** A state that is being built. */
  private static final class Draft {
    final List<Grammar.Edge> edges = new ArrayList<>();
    final List<Integer> free = new ArrayList<>();
    final List<Grammar.Call> calls = new ArrayList<>();
    boolean isEnd;

    Grammar.State toState() {
      return new Grammar.State(edges, ImmutableIntArray.copyOf(free), calls, isEnd);
    }
  }

  private GrammarBuilder(Productivity productivity, CodePoints unspelled) {
    this.productivity = productivity;
    this.unspelled = unspelled;
  }

  /**
   * Builds a grammar.
   *
   * @param form what texts it has
   * @param unspelled characters that are left out where there are others to choose from
   * @throws IllegalArgumentException if there is no such text, or it is too large
   */
  static Grammar build(Form form, CodePoints unspelled) {
    Productivity productivity = Productivity.of(form);
    checkArgument(
        productivity.isPossible(form),
        "no text meets this constraint: what it asks for contradicts" + " itself");
    GrammarBuilder builder = new GrammarBuilder(productivity, unspelled);
    builder.body(form, builder.newState());
    while (!builder.bodies.isEmpty()) {
      builder.bodies.remove().run();
    }
    return builder.finish();
  }

  private int newState() {
    checkArgument(
        states.size() < MAX_STATES,
        "this constraint takes more than %s states: use smaller repetitions or fewer alternatives",
        MAX_STATES);
    states.add(new Draft());
    return states.size() - 1;
  }

  private void body(Form form, int first) {
    states.get(add(form, first)).isEnd = true;
  }

  /** Adds a form behind a state; returns the state behind the form. */
  private int add(Form form, int from) {
    if (form instanceof Form.OneOf character) {
      return addCharacter(character.characters(), from);
    } else if (form instanceof Form.SpecialToken token) {
      int to = newState();
      addBytes(SpecialTokenBytes.of(token.id()), from, to);
      return to;
    } else if (form instanceof Form.Sequence sequence) {
      int at = from;
      for (Form part : sequence.parts()) {
        at = add(part, at);
      }
      return at;
    } else if (form instanceof Form.AnyOf any) {
      return addAnyOf(any, from);
    } else if (form instanceof Form.Repeat repeat) {
      return addRepeat(repeat, from);
    } else if (form instanceof Form.Until until) {
      return addUntil(until, from);
    }
    Form.Rule rule = (Form.Rule) form;
    return addCall(rule, from, first -> body(rule.body(), first));
  }

  private int addAnyOf(Form.AnyOf any, int from) {
    int to = newState();
    for (Form alternative : any.alternatives()) {
      if (productivity.isPossible(alternative)) {
        int begin = newState();
        states.get(from).free.add(begin);
        states.get(add(alternative, begin)).free.add(to);
      }
    }
    return to;
  }

  private int addRepeat(Form.Repeat repeat, int from) {
    if (!productivity.isPossible(repeat.form())) {
      return from; // none at all is what is left
    }
    int at = addTimes(repeat.form(), repeat.min(), from);
    if (repeat.max() == Form.Repeat.UNBOUNDED) {
      int loop = newState();
      states.get(at).free.add(loop);
      states.get(add(repeat.form(), loop)).free.add(loop);
      return loop;
    }
    int to = newState();
    int before = -1;
    for (int i = repeat.min(); i < repeat.max() && at != before; i++) {
      states.get(at).free.add(to);
      before = at;
      at = add(repeat.form(), at);
    }
    states.get(at).free.add(to);
    return to;
  }

  /** A state for each beginning of the mark that the text may end with. */
  private int addUntil(Form.Until until, int from) {
    Mark mark = new Mark(until.mark());
    int[] places = new int[mark.length() + 1];
    Arrays.setAll(places, matched -> newState());
    states.get(from).free.add(places[0]);
    CodePoints others = CodePoints.ALL.minus(mark.characters());
    for (int matched = 0; matched < mark.length(); matched++) {
      lead(others, places[matched], places[0]);
      for (int character : mark.distinct()) {
        lead(
            CodePoints.between(character, character),
            places[matched],
            places[mark.matchedAfter(matched, character)]);
      }
    }
    int end = places[mark.length()];
    if (until.token().isPresent()) {
      int token = newState();
      addBytes(SpecialTokenBytes.of(until.token().get()), token, end);
      Arrays.stream(places, 0, mark.length()).forEach(place -> states.get(place).free.add(token));
    }
    return end;
  }

  private void lead(CodePoints characters, int from, int to) {
    states.get(addCharacter(characters, from)).free.add(to);
  }

  /** What adds nothing once adds nothing a billion times. */
  private int addTimes(Form form, int times, int from) {
    int at = from;
    int before = -1;
    for (int i = 0; i < times && at != before; i++) {
      before = at;
      at = add(form, at);
    }
    return at;
  }

  private int addCharacter(CodePoints all, int from) {
    CodePoints spelled = all.minus(unspelled);
    CodePoints characters = spelled.isEmpty() ? all : spelled;
    List<List<Utf8Ranges.Bytes>> sequences = Utf8Ranges.of(characters);
    if (sequences.size() > 1 && sequences.stream().anyMatch(bytes -> bytes.size() > 1)) {
      return addCall(characters, from, first -> characterRule(sequences, first));
    }
    int to = newState();
    sequences.forEach(sequence -> addBytes(sequence, from, to));
    return to;
  }

  private void characterRule(List<List<Utf8Ranges.Bytes>> sequences, int first) {
    int end = newState();
    states.get(end).isEnd = true;
    sequences.forEach(sequence -> addBytes(sequence, first, end));
  }

  private void addBytes(byte[] sequence, int from, int to) {
    addBytes(
        Bytes.asList(sequence).stream().map(b -> new Utf8Ranges.Bytes(b & 0xFF, b & 0xFF)).toList(),
        from,
        to);
  }

  private void addBytes(List<Utf8Ranges.Bytes> sequence, int from, int to) {
    int at = from;
    for (int i = 0; i < sequence.size(); i++) {
      int next = i == sequence.size() - 1 ? to : newState();
      states
          .get(at)
          .edges
          .add(new Grammar.Edge(sequence.get(i).low(), sequence.get(i).high(), next));
      at = next;
    }
  }

  private interface Body {
    void build(int first);
  }

  private int addCall(Object key, int from, Body body) {
    Integer rule = rules.get(key);
    if (rule == null) {
      int first = newState();
      rules.put(key, first);
      bodies.add(() -> body.build(first)); // later: rules may be nested deeper than a stack is
      rule = first;
    }
    int next = newState();
    states.get(from).calls.add(new Grammar.Call(rule, next));
    return next;
  }

  private Grammar finish() {
    BitSet firsts = new BitSet();
    firsts.set(0);
    for (Draft state : states) {
      for (Grammar.Edge edge : state.edges) {
        firsts.set(edge.low());
        firsts.set(edge.high() + 1);
      }
    }
    int[] classOf = new int[BYTES];
    Arrays.setAll(classOf, b -> firsts.get(0, b + 1).cardinality() - 1);
    return new Grammar(
        states.stream().map(Draft::toState).toList(),
        ImmutableIntArray.copyOf(classOf),
        classOf[BYTES - 1] + 1);
  }
}
