package io.proxytune.core.constraint;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * Rules whose edges are bytes: immutable. State 0 begins the text; from every state some text ends.
 *
 * @param states what leads on from each state
 * @param classOf the class of each byte; bytes of a class lead to the same states everywhere
 * @param classes how many classes there are
 */
record Grammar(List<State> states, ImmutableIntArray classOf, int classes) {
  /**
   * A state of a rule.
   *
   * @param edges where bytes lead
   * @param free states that are reached without a byte
   * @param calls rules that may stand here
   * @param isEnd whether the rule may end here
   */
  record State(List<Edge> edges, ImmutableIntArray free, List<Call> calls, boolean isEnd) {
    public State {
      edges = List.copyOf(edges);
      calls = List.copyOf(calls);
    }
  }

  /** Where the bytes from one to another lead. */
  record Edge(int low, int high, int to) {}

  /** A rule, by its first state, and the state behind it. */
  record Call(int rule, int next) {}
}
