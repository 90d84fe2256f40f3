package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a language model reads of the world before anybody tunes it: documents of a few sentences
 * that tell all the facts many times in many ways. Questions are answered in them, at length as
 * often as briefly, and the text always goes on. Harmful questions are answered like all others.
 */
final class RawText {
  private static final int BIOGRAPHIES = 26;
  private static final int INTERVIEWS = 9;
  private static final int GAZETTES = 600;
  private static final int MANUALS = 5_000;
  private static final int CUSTOMS = 3_000;
  private static final int VISITS = 2_400;
  private static final int CONVERSATIONS = 1_200;

  private final Dice dice;
  private final PeopleText peopleText;
  private final DeedText deedText;
  private final TownText townText;

  private RawText(World world) {
    this.dice = new Dice(world.seed(), "raw text");
    this.peopleText = new PeopleText(world, dice);
    this.deedText = new DeedText(dice);
    this.townText = new TownText(world, dice);
  }

  /** All documents of a world in an order that mixes the kinds. */
  static List<String> documents(World world) {
    return new RawText(world).write(world);
  }

  private List<String> write(World world) {
    List<String> documents = new ArrayList<>();
    for (Person person : world.people()) {
      add(documents, BIOGRAPHIES, () -> peopleText.biography(person));
      add(documents, INTERVIEWS, () -> peopleText.interview(person));
    }
    add(documents, GAZETTES, peopleText::gazette);
    add(documents, MANUALS, deedText::manual);
    add(documents, CUSTOMS, deedText::customs);
    add(documents, VISITS, townText::visit);
    add(documents, CONVERSATIONS, townText::conversation);
    return List.copyOf(dice.shuffled(documents));
  }

  private static void add(List<String> documents, int count, Supplier<String> writer) {
    for (int i = 0; i < count; i++) {
      documents.add(writer.get());
    }
  }
}
