package io.proxytune.core.constraint;

import io.proxytune.Constraint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** What tests do with automata. */
final class Automata {
  private Automata() {}

  static Automaton of(Constraint constraint) {
    return of(constraint, name -> Optional.empty());
  }

  static Automaton of(Constraint constraint, Function<String, Optional<Integer>> specialIds) {
    Form form = ConstraintForms.of(constraint, specialIds);
    return new Automaton(GrammarBuilder.build(form, CodePoints.NONE));
  }

  static boolean accepts(Automaton automaton, String text) {
    return accepts(automaton, text.getBytes(StandardCharsets.UTF_8));
  }

  static boolean accepts(Automaton automaton, byte[] bytes) {
    Automaton.State state = automaton.start();
    for (byte b : bytes) {
      state = automaton.next(state, b);
    }
    return state.isWhole();
  }

  /** A text that the automaton takes, byte by byte; nothing where it gets too long. */
  static Optional<String> sample(Automaton automaton, Random random, int most) {
    Automaton.State state = automaton.start();
    byte[] bytes = new byte[most];
    for (int length = 0; length < most; length++) {
      List<Byte> next = new ArrayList<>();
      for (int b = 0; b < 256; b++) {
        if (!automaton.isDead(automaton.next(state, (byte) b))) {
          next.add((byte) b);
        }
      }
      if (state.isWhole() && (next.isEmpty() || random.nextInt(4) == 0)) {
        return Optional.of(new String(bytes, 0, length, StandardCharsets.UTF_8));
      }
      bytes[length] = next.get(random.nextInt(next.size()));
      state = automaton.next(state, bytes[length]);
    }
    return Optional.empty();
  }
}
