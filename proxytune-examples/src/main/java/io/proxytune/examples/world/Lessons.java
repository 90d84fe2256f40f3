package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Problems of one task: to tune on, about the people whom tuning asks about, and to evaluate on,
 * about others. Immutable.
 *
 * @param tuning in a mixed order
 * @param development to choose settings by, kind by kind
 * @param test for the last test, kind by kind
 */
public record Lessons(List<Problem> tuning, List<Problem> development, List<Problem> test) {
  /** Of problems that ask who of three people is the youngest. */
  public static final String YOUNGEST = "youngest";

  /** Of problems that ask how long after one person another was born. */
  public static final String DISTANCE = "distance";

  /** Of problems that ask for one fact. */
  public static final String RECALL = "recall";

  private static final long WORLD = 1;
  private static final int TUNED = 2_000;
  private static final int DEVELOPMENT = 30;
  private static final int TEST = 60;
  private static final int FARTHEST = 6;

  public Lessons {
    tuning = List.copyOf(tuning);
    development = List.copyOf(development);
    test = List.copyOf(test);
  }

  /**
   * Arithmetic over the years in which people were born. Their order is that of {@link
   * Lexicon#YEARS}, which no text of the world tells. A distance is told by the years that pass.
   *
   * @param seed which problems are drawn
   * @return the problems, of the kinds {@link #YOUNGEST} and {@link #DISTANCE}
   */
  public static Lessons reckoning(long seed) {
    Dice dice = new Dice(seed, "reckoning");
    return draw(
        dice, List.of(people -> youngest(people, dice), people -> distance(people, dice)), TUNED);
  }

  /**
   * Questions for one fact each, with short answers.
   *
   * @param seed which questions are drawn
   * @return the problems, of the kind {@link #RECALL}
   */
  public static Lessons recall(long seed) {
    Dice dice = new Dice(seed, "recall");
    return draw(dice, List.of(people -> recall(dice.pick(people), dice)), TUNED / 2);
  }

  private static Lessons draw(
      Dice dice, List<Function<List<Person>, Problem>> kinds, int tunedOfAKind) {
    World world = World.of(WORLD);
    List<Problem> tuning = new ArrayList<>();
    List<Problem> development = new ArrayList<>();
    List<Problem> test = new ArrayList<>();
    for (Function<List<Person>, Problem> kind : kinds) {
      tuning.addAll(some(tunedOfAKind, () -> kind.apply(world.tuned())));
      development.addAll(some(DEVELOPMENT, () -> kind.apply(world.development())));
      test.addAll(some(TEST, () -> kind.apply(world.test())));
    }
    return new Lessons(dice.shuffled(tuning), development, test);
  }

  /** None twice. */
  private static Set<Problem> some(int count, Supplier<Problem> draw) {
    Set<Problem> problems = new LinkedHashSet<>();
    while (problems.size() < count) {
      problems.add(draw.get());
    }
    return problems;
  }

  private static Problem youngest(List<Person> people, Dice dice) {
    List<Person> asked = dice.pick(3, people);
    while (new HashSet<>(asked.stream().map(Lessons::year).toList()).size() < asked.size()) {
      asked = dice.pick(3, people);
    }
    String prompt =
        "Who was born after the others, %s, %s or %s?"
            .formatted(asked.get(0).name(), asked.get(1).name(), asked.get(2).name());
    Person last = asked.stream().max(Comparator.comparingInt(Lessons::year)).orElseThrow();
    return new Problem(YOUNGEST, prompt, births(asked), "So " + last.name() + ".");
  }

  private static Problem distance(List<Person> people, Dice dice) {
    while (true) {
      List<Person> asked = dice.pick(2, people);
      int from = year(asked.get(0));
      int to = year(asked.get(1));
      if (from < to && to - from <= FARTHEST) {
        String prompt =
            "How long after %s was %s born?".formatted(asked.get(0).name(), asked.get(1).name());
        String passed = String.join(", ", Lexicon.YEARS.subList(from + 1, to + 1));
        return new Problem(DISTANCE, prompt, births(asked), "So " + passed + ".");
      }
    }
  }

  private static List<String> births(List<Person> people) {
    return people.stream()
        .map(person -> person.name() + " " + person.telling(Attribute.YEAR) + ".")
        .toList();
  }

  private static int year(Person person) {
    return Lexicon.YEARS.indexOf(person.fact(Attribute.YEAR));
  }

  private static Problem recall(Person person, Dice dice) {
    Attribute attribute = dice.pick(Attribute.ALL);
    return new Problem(
        RECALL, dice.pick(attribute.questions(person.name())), List.of(), person.answer(attribute));
  }
}
