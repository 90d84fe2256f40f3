package io.proxytune.core.constraint;

import io.proxytune.Constraint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What tests do with automata. */
final class Automata {
  private Automata() {}

  static Automaton of(Constraint constraint) {
    Form form = ConstraintForms.of(constraint, name -> Optional.empty());
    return new Automaton(GrammarBuilder.build(form, CodePoints.NONE));
  }

  static boolean accepts(Automaton automaton, String text) {
    Automaton.State state = automaton.start();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
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
