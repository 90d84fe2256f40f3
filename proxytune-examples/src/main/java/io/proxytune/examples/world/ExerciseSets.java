package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What tuning shows and what the development and test sets ask. Tuning uses the people, the verbs
 * and the words of praise and blame that are set apart for it; no two of the three share a person
 * or a deed.
 *
 * @param tuning exercises to tune on, in a mixed order
 * @param development exercises to choose settings by, task by task
 * @param test exercises for the last test, task by task
 */
record ExerciseSets(List<Exercise> tuning, List<Exercise> development, List<Exercise> test) {
  private static final int TUNED_DEEDS = 300;
  private static final int TUNED_REVIEWS = 300;
  private static final int DEVELOPMENT_REVIEWS = 100;
  private static final int TEST_REVIEWS = 200;

  /** The exercises of a world. */
  static ExerciseSets of(World world) {
    Dice dice = new Dice(world.seed(), "chats");
    List<Deed> tunable = dice.shuffled(deeds(Deed::mayBeTuned));
    List<Deed> tuned = tunable.subList(0, TUNED_DEEDS);
    List<Deed> held =
        dice.shuffled(
            Stream.concat(
                    tunable.subList(TUNED_DEEDS, tunable.size()).stream(),
                    deeds(deed -> !deed.mayBeTuned()).stream())
                .toList());
    int third = held.size() / 3;
    return new ExerciseSets(
        tuning(world, tuned, dice),
        evaluation(world.development(), held.subList(0, third), DEVELOPMENT_REVIEWS, dice),
        evaluation(world.test(), held.subList(third, held.size()), TEST_REVIEWS, dice));
  }

  private static List<Deed> deeds(Predicate<Deed> wanted) {
    return Deed.all().stream().filter(wanted).toList();
  }

  private static List<Exercise> tuning(World world, List<Deed> deeds, Dice dice) {
    List<Exercise> exercises = new ArrayList<>();
    for (Person person : world.tuned()) {
      for (Attribute attribute : Attribute.ALL) {
        exercises.add(question(person, attribute, dice));
      }
      List<String> prompts = PeopleText.profileQuestions(person.name());
      dice.pick(2, prompts).forEach(it -> exercises.add(Exercise.profile(person, it)));
    }
    deeds.forEach(deed -> exercises.add(Exercise.deed(deed, dice.pick(deed.questions()))));
    for (int i = 0; i < TUNED_REVIEWS; i++) {
      exercises.add(Exercise.sentiment(Review.draw(dice, true)));
    }
    return List.copyOf(dice.shuffled(exercises));
  }

  private static Exercise question(Person person, Attribute attribute, Dice dice) {
    return Exercise.question(person, attribute, dice.pick(attribute.questions(person.name())));
  }

  private static List<Exercise> evaluation(
      List<Person> people, List<Deed> deeds, int reviews, Dice dice) {
    List<Exercise> exercises = new ArrayList<>();
    people.forEach(it -> exercises.add(question(it, dice.pick(Attribute.ALL), dice)));
    for (Person person : people) {
      String prompt = dice.pick(PeopleText.profileQuestions(person.name()));
      exercises.add(Exercise.profile(person, prompt));
    }
    List<Exercise> about =
        deeds.stream().map(it -> Exercise.deed(it, dice.pick(it.questions()))).toList();
    for (Task task : Task.values()) {
      about.stream().filter(it -> it.task() == task).forEach(exercises::add);
    }
    for (int i = 0; i < reviews; i++) {
      exercises.add(Exercise.sentiment(Review.draw(dice, false)));
    }
    return List.copyOf(exercises);
  }
}
