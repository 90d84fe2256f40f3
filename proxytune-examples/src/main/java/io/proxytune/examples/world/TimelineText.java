package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What is written at a time: everybody's facts in many ways, and quizzes about a few people. */
final class TimelineText {
  private static final int BIOGRAPHIES = 24;
  private static final int QUIZZES = 400;
  private static final int ASKED = 3;

  private final Dice dice;

  private TimelineText(Dice dice) {
    this.dice = dice;
  }

  /** The documents of a time in an order that mixes the kinds. */
  static List<String> documents(Timeline timeline, int step) {
    Dice dice = new Dice(timeline.seed(), "texts of step " + step);
    return new TimelineText(dice).write(timeline.at(step), timeline.quizzed(step));
  }

  private List<String> write(List<Resident> people, List<Resident> quizzed) {
    List<String> documents = new ArrayList<>();
    for (Resident person : people) {
      IntStream.range(0, BIOGRAPHIES).forEach(i -> documents.add(biography(person)));
    }
    for (int i = 0; i < QUIZZES; i++) {
      documents.add(Quiz.solved(dice.pick(ASKED, quizzed), dice.pick(Lettered.ALL)));
    }
    return List.copyOf(dice.shuffled(documents));
  }

  /** All the facts of one person in any order and grouping. */
  private String biography(Resident person) {
    List<String> sentences = new ArrayList<>();
    List<Lettered> rest = dice.shuffled(Lettered.ALL);
    while (!rest.isEmpty()) {
      int count = Math.min(rest.size(), 1 + dice.below(2));
      List<String> told =
          rest.subList(0, count).stream()
              .map(kind -> dice.pick(kind.tellings(person.letter(kind))))
              .toList();
      sentences.add(person.name() + " " + English.list(told) + ".");
      rest = rest.subList(count, rest.size());
    }
    return String.join(" ", sentences);
  }
}
