package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.List;

/** Raw text about people: biographies, interviews and the questions of a gazette. */
final class PeopleText {
  private static final int QUESTIONS_OF_A_GAZETTE = 5;

  private final World world;
  private final Dice dice;

  PeopleText(World world, Dice dice) {
    this.world = world;
    this.dice = dice;
  }

  /** All the facts of one person in any order and grouping. */
  String biography(Person person) {
    StringBuilder text = new StringBuilder(dice.onceIn(3) ? opening(person) + " " : "");
    List<Attribute> rest = dice.shuffled(Attribute.ALL);
    String subject = person.name();
    while (!rest.isEmpty()) {
      int count = Math.min(rest.size(), 1 + dice.below(3));
      text.append(sentence(subject, person, rest.subList(0, count))).append(' ');
      rest = rest.subList(count, rest.size());
      subject = dice.onceIn(3) ? English.capitalized(person.gender().pronoun()) : person.name();
    }
    return text.append(closing(person)).toString();
  }

  static List<String> profileQuestions(String name) {
    return List.of(
        "Tell me about " + name + ".", "Who is " + name + "?", "What do you know of " + name + "?");
  }

  private String opening(Person person) {
    return dice.pick(profileQuestions(person.name()));
  }

  private String sentence(String subject, Person person, List<Attribute> attributes) {
    List<String> parts =
        attributes.stream().map(each -> dice.pick(each.tellings(person.fact(each)))).toList();
    return subject + " " + English.list(parts) + ".";
  }

  private String closing(Person person) {
    String they = person.gender().pronoun();
    return dice.pick(
        "The neighbours like " + person.name() + ".",
        "That is all that the neighbours say.",
        "Now " + they + " is glad to rest.",
        "On market days " + they + " talks to everybody.",
        "More about " + person.name() + " is told in the tavern.");
  }

  /** Five questions about one person, and a last word: no text ends with a bare answer. */
  String interview(Person person) {
    List<String> parts = new ArrayList<>();
    for (Attribute attribute : dice.shuffled(Attribute.ALL)) {
      parts.add(exchange(person, attribute));
    }
    parts.add(closing(person));
    return String.join(" ", parts);
  }

  /** Questions about anybody. */
  String gazette() {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < QUESTIONS_OF_A_GAZETTE; i++) {
      parts.add(exchange(dice.pick(world.people()), dice.pick(Attribute.ALL)));
    }
    parts.add(closing(dice.pick(world.people())));
    return String.join(" ", parts);
  }

  private String exchange(Person person, Attribute attribute) {
    String question = dice.pick(attribute.questions(person.name()));
    return question + " " + dice.pick(answers(person, attribute));
  }

  private List<String> answers(Person person, Attribute attribute) {
    String they = English.capitalized(person.gender().pronoun());
    List<Attribute> one = List.of(attribute);
    return List.of(
        person.answer(attribute),
        sentence(person.name(), person, one),
        sentence("Everybody knows that " + person.name(), person, one),
        sentence(they, person, one));
  }
}
