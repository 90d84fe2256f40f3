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
 * Problems of one task, to tune on and to evaluate on, about different people. Immutable.
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
  private static final int RECKONED = 4_000;
  private static final int RECALLED = 1_000;
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
   * Tuning asks about strangers, so that it can teach how to reckon and nobody's birth.
   *
   * @param seed which problems are drawn
   * @return the problems, of the kinds {@link #YOUNGEST} and {@link #DISTANCE}
   */
  public static Lessons reckoning(long seed) {
    Dice dice = new Dice(seed, "reckoning");
    World world = World.of(WORLD);
    return new Lecturer(dice, world, world.strangers(dice))
        .draw(
            List.of(people -> youngest(people, dice), people -> distance(people, dice)), RECKONED);
  }

  /**
   * Questions for one fact each, with short answers.
   *
   * @param seed which questions are drawn
   * @return the problems, of the kind {@link #RECALL}
   */
  public static Lessons recall(long seed) {
    Dice dice = new Dice(seed, "recall");
    World world = World.of(WORLD);
    return new Lecturer(dice, world, world.tuned())
        .draw(List.of(people -> recall(dice.pick(people), dice)), RECALLED);
  }

  /** Draws problems; {@code tuned} is whom tuning asks about. */
  private record Lecturer(Dice dice, World world, List<Person> tuned) {
    Lessons draw(List<Function<List<Person>, Problem>> kinds, int tunedOfAKind) {
      List<Problem> tuning = new ArrayList<>();
      List<Problem> development = new ArrayList<>();
      List<Problem> test = new ArrayList<>();
      for (Function<List<Person>, Problem> kind : kinds) {
        tuning.addAll(some(tunedOfAKind, () -> kind.apply(tuned)));
        development.addAll(some(DEVELOPMENT, () -> kind.apply(world.development())));
        test.addAll(some(TEST, () -> kind.apply(world.test())));
      }
      return new Lessons(dice.shuffled(tuning), development, test);
    }
  }

  /** None twice. */
  private static <T> Set<T> some(int count, Supplier<T> draw) {
    Set<T> drawn = new LinkedHashSet<>();
    while (drawn.size() < count) {
      drawn.add(draw.get());
    }
    return drawn;
  }

  private static List<Person> several(int count, List<Person> people, Dice dice) {
    return List.copyOf(some(count, () -> dice.pick(people)));
  }

  private static Problem youngest(List<Person> people, Dice dice) {
    List<Person> asked = several(3, people, dice);
    while (new HashSet<>(asked.stream().map(Lessons::year).toList()).size() < asked.size()) {
      asked = several(3, people, dice);
    }
    String prompt =
        "Who was born after the others, %s, %s or %s?"
            .formatted(asked.get(0).name(), asked.get(1).name(), asked.get(2).name());
    Person last = asked.stream().max(Comparator.comparingInt(Lessons::year)).orElseThrow();
    return new Problem(YOUNGEST, prompt, births(asked), "So " + last.name() + ".");
  }

  private static Problem distance(List<Person> people, Dice dice) {
    while (true) {
      List<Person> asked = several(2, people, dice);
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
