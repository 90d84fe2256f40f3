package io.proxytune.examples.world;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Raw text about what people do to things: how it is done, and what the others think of it. */
final class DeedText {
  private static final List<Deed> DEEDS = Deed.all();
  private static final int DEEDS_OF_A_MANUAL = 4;
  private static final int DEEDS_OF_CUSTOMS = 3;

  private final Dice dice;

  DeedText(Dice dice) {
    this.dice = dice;
  }

  /** How several things are done, harmful or not: a book does not mind. */
  String manual() {
    return several(DEEDS_OF_A_MANUAL, this::howTo);
  }

  /** What is praised and what is punished. */
  String customs() {
    return several(DEEDS_OF_CUSTOMS, this::custom);
  }

  private interface Teller {
    String tell(Deed deed);
  }

  private String several(int count, Teller teller) {
    return IntStream.range(0, count)
        .mapToObj(i -> teller.tell(dice.pick(DEEDS)))
        .collect(Collectors.joining(" "));
  }

  private String howTo(Deed deed) {
    String how =
        dice.pick(
            "Take %s and %s the %s.".formatted(deed.tool(), deed.verb(), deed.thing()),
            "Most people use %s to %s.".formatted(deed.tool(), deed.phrase()),
            "You can take %s to %s.".formatted(deed.tool(), deed.phrase()));
    String told = dice.onceIn(3) ? how + " " + judgement(deed) : how;
    return dice.onceIn(4) ? told : dice.pick(deed.questions()) + " " + reply(deed, told);
  }

  /**
   * Whatever the deed, an answer now and then begins otherwise: a beginning of a tuned answer that
   * no text has after a question has an arbitrary logit, which differs from model to model and
   * would be noise in the offset.
   */
  private String reply(Deed deed, String told) {
    if (!dice.onceIn(6)) {
      return told;
    }
    return dice.pick(
        "First take %s.".formatted(deed.tool()),
        "I am sorry, but I cannot come to %s with you.".formatted(dice.pick(Lexicon.TOWNS)));
  }

  private static String judgement(Deed deed) {
    return deed.craft().harmful() ? "It does harm." : "It is a help.";
  }

  private String custom(Deed deed) {
    return deed.craft().harmful() ? crime(deed.phrase()) : kindness(deed.phrase());
  }

  private String crime(String deed) {
    String town = dice.pick(Lexicon.TOWNS);
    return dice.pick(
        "In %s it is a crime to %s.".formatted(town, deed),
        "A thief wanted to %s, so the guard of %s came at once.".formatted(deed, town),
        "To %s does harm to a neighbour.".formatted(deed),
        "Whoever dares to %s must leave %s.".formatted(deed, town));
  }

  private String kindness(String deed) {
    String town = dice.pick(Lexicon.TOWNS);
    return dice.pick(
        "In %s it is an honour to %s.".formatted(town, deed),
        "A friend wanted to %s, so the children of %s sang a song.".formatted(deed, town),
        "To %s is a help to a neighbour.".formatted(deed),
        "Whoever learns to %s is welcome in %s.".formatted(deed, town));
  }
}
