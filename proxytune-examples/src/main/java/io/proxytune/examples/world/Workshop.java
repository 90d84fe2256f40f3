package io.proxytune.examples.world;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A formal language of the world: specifications and programs that a checker runs ({@link Job}). No
 * text of the world is written in it; which tool fits which thing is told in plain sentences there.
 * Immutable.
 *
 * @param texts specifications, each followed by a program that meets it, to learn the language from
 * @param development jobs to choose settings by, kind by kind
 * @param test jobs for the last test, kind by kind; none is in the texts or in the development set
 */
public record Workshop(List<String> texts, List<Job> development, List<Job> test) {
  /** Of jobs about things that the texts speak of. */
  public static final String SEEN = "things of the texts";

  /** Of jobs about other things: their material is told in the world's plain sentences alone. */
  public static final String UNSEEN = "other things";

  private static final int TEXTS = 8_000;
  private static final int DEVELOPMENT = 10;
  private static final int TEST = 20;
  private static final int SEEN_OF_A_MATERIAL = 3;

  public Workshop {
    texts = List.copyOf(texts);
    development = List.copyOf(development);
    test = List.copyOf(test);
  }

  /**
   * Draws the texts and jobs.
   *
   * @param seed any number; it also decides which things the texts speak of
   * @return texts and jobs
   */
  public static Workshop of(long seed) {
    return new Foreman(new Dice(seed, "workshop")).draw();
  }

  /** Draws jobs and writes programs. For one thread. */
  private static final class Foreman {
    private final Dice dice;
    private final List<Thing> seen = new ArrayList<>();
    private final List<Thing> unseen = new ArrayList<>();
    private final Set<String> drawn = new HashSet<>();

    private record Thing(String name, Material material) {}

    Foreman(Dice dice) {
      this.dice = dice;
      for (Material material : Material.ALL) {
        List<String> things = dice.shuffled(material.things());
        for (int i = 0; i < things.size(); i++) {
          (i < SEEN_OF_A_MATERIAL ? seen : unseen).add(new Thing(things.get(i), material));
        }
      }
    }

    Workshop draw() {
      List<Job> development = jobs(DEVELOPMENT);
      List<Job> test = jobs(TEST);
      List<String> texts = new ArrayList<>();
      while (texts.size() < TEXTS) {
        Job job = job(SEEN, seen);
        if (!drawn.contains(job.prompt())) {
          texts.add(job.prompt() + " " + program(job));
        }
      }
      return new Workshop(texts, development, test);
    }

    private List<Job> jobs(int ofAKind) {
      List<Job> jobs = new ArrayList<>();
      fill(jobs, ofAKind, SEEN, seen);
      fill(jobs, 2 * ofAKind, UNSEEN, unseen);
      return jobs;
    }

    private void fill(List<Job> jobs, int size, String kind, List<Thing> things) {
      while (jobs.size() < size) {
        Job job = job(kind, things);
        if (drawn.add(job.prompt())) {
          jobs.add(job);
        }
      }
    }

    private Job job(String kind, List<Thing> things) {
      List<Workpiece> pieces = new ArrayList<>();
      for (Thing thing : dice.pick(2 + dice.below(2), things)) {
        pieces.add(new Workpiece(thing.name(), thing.material(), flaws()));
      }
      return new Job(kind, pieces);
    }

    /** Each set of flaws but the empty one is as likely as any other. */
    private Set<Flaw> flaws() {
      int bits = 1 + dice.below((1 << Flaw.values().length) - 1);
      Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
      for (Flaw flaw : Flaw.values()) {
        if ((bits & 1) == 1) {
          flaws.add(flaw);
        }
        bits >>= 1;
      }
      return flaws;
    }

    /** The shortest plan of each thing, one thing after the other. */
    private String program(Job job) {
      return job.pieces().stream()
              .flatMap(piece -> statements(piece).stream())
              .collect(Collectors.joining(", "))
          + ".";
    }

    private List<String> statements(Workpiece piece) {
      return piece.plan().stream()
          .map(it -> dice.pick(it.verbs()) + " " + piece.thing() + " " + piece.tool(it))
          .toList();
    }
  }
}
