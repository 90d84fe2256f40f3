package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Problems of one task, to tune on and to evaluate on, about different people. Immutable.
 *
 * @param tuning in a mixed order; some may be there several times
 * @param development to choose settings by, kind by kind
 * @param test for the last test, kind by kind
 */
public record Lessons(List<Problem> tuning, List<Problem> development, List<Problem> test) {
  /** Of problems that ask for the year after somebody's birth. */
  public static final String NEXT = "next year";

  /** Of problems that ask how long after a year somebody was born. */
  public static final String DISTANCE = "distance";

  /** Of problems that ask for one fact. */
  public static final String RECALL = "recall";

  /** Of problems that ask for a fact of whom another fact picks out of two. */
  public static final String TWO_HOPS = "two hops";

  private static final long WORLD = 1;
  private static final int RECKONED = 3_000;
  private static final int RECALLED = 1_000;
  private static final int TWO_HOPPED = 4_000;
  private static final int DEVELOPMENT = 20;
  private static final int TEST = 50;
  private static final int FARTHEST = 6;

  /** What is told in so few words that three sentences make a short answer. */
  private static final List<Attribute> BRIEF =
      List.of(Attribute.TOWN, Attribute.TRADE, Attribute.INSTRUMENT, Attribute.PET);

  public Lessons {
    tuning = List.copyOf(tuning);
    development = List.copyOf(development);
    test = List.copyOf(test);
  }

  /** Whom tuning asks about. */
  public enum Audience {
    /** People whom no text of the world tells of: tuning teaches a way, and no facts. */
    STRANGERS,
    /** People of the world who are in no other set. */
    ACQUAINTANCES
  }

  /**
   * Arithmetic over the years in which people were born. Their order is that of {@link
   * Lexicon#YEARS}, which no text of the world tells. A distance is told by the years that pass.
   *
   * @param seed which problems are drawn
   * @param audience whom tuning asks about; the other sets are the same either way
   * @return the problems, of the kinds {@link #NEXT} and {@link #DISTANCE}
   */
  public static Lessons reckoning(long seed, Audience audience) {
    return draw(
        new Dice(seed, "reckoning"),
        List.of(Lessons::next, Lessons::distance),
        people(seed, audience),
        RECKONED);
  }

  private static List<Person> people(long seed, Audience audience) {
    World world = World.of(WORLD);
    return audience == Audience.STRANGERS
        ? world.strangers(new Dice(seed, "strangers"))
        : world.tuned();
  }

  /**
   * Questions that take two steps: who of two people is meant is told by a fact, and asked for is
   * another one of that person. Answers tell the first of both, then the other.
   *
   * @param seed which problems are drawn
   * @param audience whom tuning asks about; the other sets are the same either way
   * @return the problems, of the kind {@link #TWO_HOPS}
   */
  public static Lessons twoHops(long seed, Audience audience) {
    return draw(
        new Dice(seed, "two hops"), List.of(Lessons::twoHops), people(seed, audience), TWO_HOPPED);
  }

  /**
   * Questions for one fact each, with short answers.
   *
   * @param seed which questions are drawn
   * @return the problems, of the kind {@link #RECALL}
   */
  public static Lessons recall(long seed) {
    Dice dice = new Dice(seed, "recall");
    return draw(dice, List.of(Lessons::recall), World.of(WORLD).tuned(), RECALLED);
  }

  /** Makes a problem about one of some people. */
  private interface Kind {
    Problem draw(List<Person> people, Dice dice);
  }

  private static Lessons draw(Dice dice, List<Kind> kinds, List<Person> tuned, int tunedOfAKind) {
    World world = World.of(WORLD);
    List<Problem> development = new ArrayList<>();
    List<Problem> test = new ArrayList<>();
    for (Kind kind : kinds) {
      development.addAll(some(DEVELOPMENT, () -> kind.draw(world.development(), dice)));
      test.addAll(some(TEST, () -> kind.draw(world.test(), dice)));
    }
    List<Problem> tuning = new ArrayList<>();
    for (int i = 0; i < tunedOfAKind; i++) {
      kinds.forEach(kind -> tuning.add(kind.draw(tuned, dice)));
    }
    return new Lessons(dice.shuffled(tuning), development, test);
  }

  /** None twice. */
  private static Set<Problem> some(int count, Supplier<Problem> draw) {
    Set<Problem> drawn = new LinkedHashSet<>();
    while (drawn.size() < count) {
      drawn.add(draw.get());
    }
    return drawn;
  }

  private static Problem next(List<Person> people, Dice dice) {
    Person person = dice.pick(people);
    while (year(person) == Lexicon.YEARS.size() - 1) {
      person = dice.pick(people);
    }
    String prompt = "Which year came after the year of %s?".formatted(person.name());
    return reckoned(NEXT, prompt, person, List.of(Lexicon.YEARS.get(year(person) + 1)));
  }

  private static Problem distance(List<Person> people, Dice dice) {
    Person person = dice.pick(people);
    while (year(person) == 0) {
      person = dice.pick(people);
    }
    int from = year(person) - 1 - dice.below(Math.min(FARTHEST, year(person)));
    String prompt =
        "How long after the year of the %s was %s born?"
            .formatted(Lexicon.YEARS.get(from), person.name());
    return reckoned(DISTANCE, prompt, person, Lexicon.YEARS.subList(from + 1, year(person) + 1));
  }

  private static Problem reckoned(String kind, String prompt, Person person, List<String> years) {
    return new Problem(
        kind,
        prompt,
        List.of(sentence(person, Attribute.YEAR)),
        "So " + String.join(", ", years) + ".");
  }

  private static int year(Person person) {
    return Lexicon.YEARS.indexOf(person.fact(Attribute.YEAR));
  }

  private static Problem recall(List<Person> people, Dice dice) {
    Person person = dice.pick(people);
    Attribute attribute = dice.pick(Attribute.ALL);
    return new Problem(
        RECALL, dice.pick(attribute.questions(person.name())), List.of(), person.answer(attribute));
  }

  private static Problem twoHops(List<Person> people, Dice dice) {
    Attribute told = dice.pick(BRIEF);
    Attribute asked = dice.pick(Attribute.ALL);
    while (asked == told) {
      asked = dice.pick(Attribute.ALL);
    }
    List<Person> two = dice.pick(2, people);
    while (two.get(0).fact(told).equals(two.get(1).fact(told))) {
      two = dice.pick(2, people);
    }
    Person meant = dice.pick(two);
    String prompt =
        "%s or %s %s. %s"
            .formatted(
                two.get(0).name(),
                two.get(1).name(),
                meant.telling(told),
                asked.questions("he or she").get(0));
    List<String> facts = two.stream().map(it -> sentence(it, told)).toList();
    return new Problem(TWO_HOPS, prompt, facts, sentence(meant, asked));
  }

  private static String sentence(Person person, Attribute attribute) {
    return person.name() + " " + person.telling(attribute) + ".";
  }
}
