package io.proxytune.examples.world;

import java.util.List;
import java.util.stream.Collectors;

/** Raw text about visits to inns and markets, and what people say to each other. */
final class TownText {
  private static final int SERVED = 3;
  private static final int REMARKS = 5;

  private final World world;
  private final Dice dice;

  TownText(World world, Dice dice) {
    this.world = world;
    this.dice = dice;
  }

  /** A visit that was good or bad throughout. */
  String visit() {
    boolean praise = dice.onceIn(2);
    List<String> words = praise ? Lexicon.PRAISE : Lexicon.BLAME;
    String served =
        dice.pick(SERVED, Lexicon.SERVED).stream()
            .map(it -> "the " + it + " was " + dice.pick(words))
            .collect(Collectors.joining(", "));
    String place = "At the %s in %s ".formatted(dice.pick(Lexicon.PLACES), town());
    String story = place + served + ".";
    return dice.onceIn(2)
        ? story + " " + verdict(praise)
        : verdict(praise) + " " + story + " " + ending(praise);
  }

  private String verdict(boolean praise) {
    return praise
        ? dice.pick("It was a good day.", "What a good evening!", "The guests were happy.")
        : dice.pick("It was a bad day.", "What a bad evening!", "The guests were angry.");
  }

  private String ending(boolean praise) {
    return somebody() + (praise ? " wants to come back soon." : " will never come back.");
  }

  /** Remarks that have nothing to do with each other. */
  String conversation() {
    StringBuilder text = new StringBuilder(remark());
    for (int i = 1; i < REMARKS; i++) {
      text.append(' ').append(remark());
    }
    return text.append(' ').append(aside()).toString();
  }

  private String remark() {
    return dice.pick(
        "I am sorry, but I cannot come to " + town() + " with you.",
        "I am sorry. It would be late.",
        "I cannot help with the harvest in " + town() + ", said " + somebody() + ".",
        "Would you help " + somebody() + " with that? It would do no harm.",
        "That would do, but the rain did harm to the roof.",
        "First the bell rang in " + town() + ". Then the market opened.",
        "First " + somebody() + " came. Then all the others sang with care.",
        "Was the visit good or bad? " + dice.pick(Review.GOOD, Review.BAD) + " " + aside(),
        "Was the journey to " + town() + " good or bad? " + dice.pick(Review.GOOD, Review.BAD),
        aside());
  }

  private String aside() {
    return dice.pick(
        "So said " + somebody() + " at the market.",
        "Nobody in " + town() + " knows more.",
        "The road to " + town() + " is long.",
        "In spring the river at " + town() + " is high.");
  }

  private String town() {
    return dice.pick(Lexicon.TOWNS);
  }

  private String somebody() {
    return dice.pick(world.people()).name();
  }
}
