package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The people of a made-up world and who of them is tuned on, who is looked at while settings are
 * chosen and who is kept for the last test. Nobody is in two of the three. Immutable.
 *
 * @param seed what it was drawn from
 * @param people everybody; the raw text tells of them all
 * @param tuned whom tuning asks about
 * @param development whom the development set asks about
 * @param test whom the test set asks about
 */
record World(
    long seed,
    List<Person> people,
    List<Person> tuned,
    List<Person> development,
    List<Person> test) {
  private static final int PEOPLE = 500;
  private static final int TUNED = 150;
  private static final int DEVELOPMENT = 100;
  private static final int TEST = 200;

  /** Draws a world. */
  static World of(long seed) {
    Dice dice = new Dice(seed, "people");
    List<Person> people =
        dice.pick(PEOPLE, names()).stream().map(name -> person(name, dice)).toList();
    return new World(
        seed,
        people,
        people.subList(0, TUNED),
        people.subList(TUNED, TUNED + DEVELOPMENT),
        people.subList(TUNED + DEVELOPMENT, TUNED + DEVELOPMENT + TEST));
  }

  /** People whom no text of the world tells of: each name that nobody has, with facts at random. */
  List<Person> strangers(Dice dice) {
    Set<String> taken = people.stream().map(Person::name).collect(Collectors.toSet());
    return names().stream()
        .filter(name -> !taken.contains(name.text()))
        .map(name -> person(name, dice))
        .toList();
  }

  private record Name(String text, Gender gender) {}

  private static List<Name> names() {
    List<Name> names = new ArrayList<>();
    for (String family : Lexicon.FAMILY_NAMES) {
      Lexicon.WOMEN.forEach(first -> names.add(new Name(first + " " + family, Gender.FEMALE)));
      Lexicon.MEN.forEach(first -> names.add(new Name(first + " " + family, Gender.MALE)));
    }
    return names;
  }

  private static Person person(Name name, Dice dice) {
    Map<Attribute, String> facts = new EnumMap<>(Attribute.class);
    for (Attribute attribute : Attribute.ALL) {
      facts.put(attribute, dice.pick(attribute.range()));
    }
    return new Person(name.text(), name.gender(), facts);
  }
}
