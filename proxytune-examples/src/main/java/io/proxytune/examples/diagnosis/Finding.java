package io.proxytune.examples.diagnosis;

import java.util.List;
import java.util.Locale;

/**
 * What was found out about one signature: immutable.
 *
 * @param signature which
 * @param state whether it is there
 * @param figures what that rests on
 * @param notes sentences about what no figure says
 * @param advice what to do, or to know, a sentence each
 */
public record Finding(
    Signature signature,
    State state,
    List<Figure> figures,
    List<String> notes,
    List<String> advice) {
  /** Whether a signature is there. */
  public enum State {
    SEEN("seen"),
    NOT_SEEN("not seen"),
    UNKNOWN("can't be told");

    private final String title;

    State(String title) {
      this.title = title;
    }

    /** For people. */
    public String title() {
      return title;
    }

    /** For programs. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(boolean seen) {
      return seen ? SEEN : NOT_SEEN;
    }
  }

  public Finding {
    figures = List.copyOf(figures);
    notes = List.copyOf(notes);
    advice = List.copyOf(advice);
  }

  /** A finding about figures alone: the signature is there where one is beyond its limit. */
  static Finding of(Signature signature, List<Figure> figures, List<String> advice) {
    State state = State.of(figures.stream().anyMatch(Figure::isBeyond));
    return new Finding(
        signature, state, figures, List.of(), state == State.SEEN ? advice : List.of());
  }
}
