package io.proxytune.examples.world;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A specification in the language of the workshop, such as {@code chair shabby dull, kettle dirty?}
 * A program that meets it mends every flaw. Its statements are a verb, a thing and a tool, such as
 * {@code wash kettle vinegar}, with commas between them and a full stop at the end. Immutable.
 */
public final class Job {
  private static final Splitter STATEMENTS = Splitter.on(',');
  private static final Splitter WORDS = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings();

  private final String kind;
  private final List<Workpiece> pieces;

  /**
   * A job.
   *
   * @param kind of which kind it is, for tables
   * @param pieces at least one, each of another thing
   */
  Job(String kind, List<Workpiece> pieces) {
    this.kind = kind;
    this.pieces = List.copyOf(pieces);
  }

  /**
   * Of which kind it is, for tables.
   *
   * @return such as "things of the texts"
   */
  public String kind() {
    return kind;
  }

  /**
   * The text that a program follows.
   *
   * @return the specification
   */
  public String prompt() {
    return pieces.stream().map(Workpiece::text).collect(Collectors.joining(", ")) + "?";
  }

  List<Workpiece> pieces() {
    return pieces;
  }

  /**
   * Runs a program.
   *
   * @param program all of its text; blanks at the ends are of no account
   * @return why it is wrong; nothing where it meets the specification
   */
  public Optional<String> problem(String program) {
    try {
      run(program.strip());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void run(String program) {
    if (!program.endsWith(".")) {
      throw new IllegalArgumentException("a program ends with a full stop, got: " + program);
    }
    Map<String, Workpiece> state = new LinkedHashMap<>();
    pieces.forEach(piece -> state.put(piece.thing(), piece));
    int number = 0;
    for (String statement : STATEMENTS.split(program.substring(0, program.length() - 1))) {
      number++;
      try {
        execute(WORDS.splitToList(statement), state);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("statement %s: %s".formatted(number, e.getMessage()), e);
      }
    }
    List<String> left = new ArrayList<>();
    state.values().stream()
        .filter(piece -> !piece.flaws().isEmpty())
        .forEach(piece -> left.add(piece.text()));
    if (!left.isEmpty()) {
      throw new IllegalArgumentException("left undone: " + String.join(", ", left));
    }
  }

  private static void execute(List<String> words, Map<String, Workpiece> state) {
    if (words.size() != 3) {
      throw new IllegalArgumentException("expected a verb, a thing and a tool, got " + words);
    }
    Workpiece piece = state.get(words.get(1));
    if (piece == null) {
      throw new IllegalArgumentException(
          "expected one of %s, got \"%s\"".formatted(state.keySet(), words.get(1)));
    }
    state.put(piece.thing(), piece.after(craft(words.get(0)), words.get(2)));
  }

  private static Craft craft(String verb) {
    return Arrays.stream(Craft.values())
        .filter(craft -> craft.verbs().contains(verb))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no verb \"" + verb + "\""));
  }

  @Override
  public String toString() {
    return prompt();
  }
}
