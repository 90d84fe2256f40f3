package io.proxytune.examples.world;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * A sentence to end with one of four letters. Immutable.
 *
 * @param prompt the letters to choose from, and the sentence up to where the letter comes
 * @param answer which of {@link #OPTIONS} is right, from 0
 * @param outdated which of them was right at the first time and no longer is, if any
 */
public record Quiz(String prompt, int answer, OptionalInt outdated) {
  /** The letters as they follow the prompt. */
  public static final ImmutableList<String> OPTIONS = ImmutableList.of(" A", " B", " C", " D");

  /** The letters by themselves. */
  static final ImmutableList<String> LETTERS = ImmutableList.of("A", "B", "C", "D");

  private static final String CHOICE = "A, B, C or D? ";

  static Quiz of(Timeline.Fact fact) {
    return new Quiz(
        CHOICE + sentence(fact.resident(), fact.kind()),
        LETTERS.indexOf(fact.letter()),
        fact.isChanged() ? OptionalInt.of(LETTERS.indexOf(fact.first())) : OptionalInt.empty());
  }

  /** About several people, as a text has it, with the letters. */
  static String solved(List<Resident> people, Lettered kind) {
    return people.stream()
        .map(it -> CHOICE + sentence(it, kind) + " " + it.letter(kind) + ".")
        .collect(Collectors.joining(" "));
  }

  /** "Mira Toll lives in ward". */
  private static String sentence(Resident resident, Lettered kind) {
    return resident.name() + " " + kind.beginning();
  }
}
