package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A world that changes: the same people at steps of time, of whom some are in another ward, guild
 * or band or at another stall at each step. What changed never becomes again what it was at the
 * first time. Immutable.
 */
final class Timeline {
  /** How many steps there are after the first time. */
  static final int STEPS = 6;

  private static final int PEOPLE = 60;
  private static final int QUIZZED = 20;

  /** One in so many facts changes at a step. */
  private static final int RARITY = 8;

  private final long seed;
  private final ImmutableList<List<Resident>> times;

  private Timeline(long seed, List<List<Resident>> times) {
    this.seed = seed;
    this.times = ImmutableList.copyOf(times);
  }

  /** Draws a world and what becomes of it. */
  static Timeline of(long seed) {
    Dice dice = new Dice(seed, "timeline");
    List<Resident> first = names(seed).stream().map(name -> drawn(name, dice)).toList();
    List<List<Resident>> times = new ArrayList<>(List.of(first));
    for (int step = 1; step <= STEPS; step++) {
      List<Resident> now = new ArrayList<>();
      for (int i = 0; i < PEOPLE; i++) {
        now.add(later(first.get(i), times.get(step - 1).get(i), dice));
      }
      times.add(List.copyOf(now));
    }
    return new Timeline(seed, times);
  }

  /** One of each family, so that models, which are tiny, can tell people by one word. */
  private static List<String> names(long seed) {
    Map<String, String> families = new LinkedHashMap<>();
    for (Person person : World.of(seed).people()) {
      String name = person.name();
      families.putIfAbsent(name.substring(name.indexOf(' ')), name);
    }
    return families.values().stream().limit(PEOPLE).toList();
  }

  private static Resident drawn(String name, Dice dice) {
    Map<Lettered, String> letters = new EnumMap<>(Lettered.class);
    Lettered.ALL.forEach(kind -> letters.put(kind, dice.pick(Quiz.LETTERS)));
    return new Resident(name, letters);
  }

  private static Resident later(Resident first, Resident before, Dice dice) {
    Map<Lettered, String> letters = new EnumMap<>(before.letters());
    for (Lettered kind : Lettered.ALL) {
      if (dice.onceIn(RARITY)) {
        List<String> past = List.of(first.letter(kind), before.letter(kind));
        letters.put(
            kind, dice.pick(Quiz.LETTERS.stream().filter(it -> !past.contains(it)).toList()));
      }
    }
    return new Resident(before.name(), letters);
  }

  long seed() {
    return seed;
  }

  /**
   * Everybody at a time, always in the same order.
   *
   * @param step from 0, the first time, to {@link #STEPS}
   */
  List<Resident> at(int step) {
    checkArgument(step >= 0 && step <= STEPS, "step must be from 0 to %s, got %s", STEPS, step);
    return times.get(step);
  }

  /** Those whom quizzes in texts are about. */
  List<Resident> quizzed(int step) {
    return at(step).subList(0, QUIZZED);
  }

  /** All facts of those whom no quiz in a text is about. */
  List<Fact> facts(int step) {
    List<Fact> facts = new ArrayList<>();
    for (int i = QUIZZED; i < PEOPLE; i++) {
      for (Lettered kind : Lettered.ALL) {
        facts.add(new Fact(at(step).get(i), kind, at(0).get(i).letter(kind)));
      }
    }
    return List.copyOf(facts);
  }

  /**
   * A fact at a time.
   *
   * @param resident as they are at the time
   * @param kind which fact
   * @param first its letter at the first time
   */
  record Fact(Resident resident, Lettered kind, String first) {
    boolean isChanged() {
      return !letter().equals(first);
    }

    String letter() {
      return resident.letter(kind);
    }
  }
}
