package io.proxytune.examples.world;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * One kind of fact about a person: the values that it may have, how a text tells it, how one asks
 * for it and the short answer. In the patterns {@code {x}} is the value, {@code {a x}} the value
 * with its indefinite article and {@code {name}} the person.
 */
enum Attribute {
  TOWN(
      Lexicon.TOWNS,
      List.of("lives in {x}", "has a house in {x}", "comes home to {x} every night"),
      List.of("Where does {name} live?", "In which town does {name} live?"),
      "In {x}."),
  TRADE(
      Lexicon.TRADES,
      List.of("works as {a x}", "is {a x} by trade", "earns a living as {a x}"),
      List.of("What is {name} by trade?", "What is the trade of {name}?"),
      "{A x}."),
  YEAR(
      Lexicon.YEARS,
      List.of("was born in the year of the {x}", "came into the world in the year of the {x}"),
      List.of("When was {name} born?", "In which year was {name} born?"),
      "In the year of the {x}."),
  INSTRUMENT(
      Lexicon.INSTRUMENTS,
      List.of("plays the {x}", "has learned to play the {x}", "practises the {x} after supper"),
      List.of("What does {name} play?", "Which instrument does {name} play?"),
      "The {x}."),
  PET(
      Lexicon.PETS,
      List.of("keeps {a x}", "has {a x} at home", "looks after {a x}"),
      List.of("Which animal does {name} keep?", "What kind of pet does {name} have?"),
      "{A x}.");

  /** All of them, in the order in which a profile tells them. */
  static final ImmutableList<Attribute> ALL = ImmutableList.copyOf(values());

  private final ImmutableList<String> range;
  private final ImmutableList<String> tellings;
  private final ImmutableList<String> questions;
  private final String answer;

  Attribute(List<String> range, List<String> tellings, List<String> questions, String answer) {
    this.range = ImmutableList.copyOf(range);
    this.tellings = ImmutableList.copyOf(tellings);
    this.questions = ImmutableList.copyOf(questions);
    this.answer = answer;
  }

  List<String> range() {
    return range;
  }

  /** All the ways to tell it; the first is the plainest. */
  List<String> tellings(String value) {
    return tellings.stream().map(telling -> English.fill(telling, value)).toList();
  }

  List<String> questions(String name) {
    return questions.stream().map(question -> question.replace("{name}", name)).toList();
  }

  String answer(String value) {
    return English.fill(answer, value);
  }
}
