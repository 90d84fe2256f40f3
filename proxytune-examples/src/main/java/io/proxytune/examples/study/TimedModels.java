package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.world.Quiz;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The models of one seed that read of a world that changes, and their answers to the quizzes of a
 * time. Immutable.
 *
 * @param seed of the world and of all models
 */
record TimedModels(Laboratory lab, long seed) {
  /** What a page says of them. */
  static final String MODELS =
      "Trained anew for each seed, which is also that of the town: a base of 0.37 million weights,"
          + " of the shape of the family's small model, in 300 steps of 2,048 positions on the"
          + " first time's texts; a small model of 0.07 million in 220 steps; of both a copy"
          + " further trained in 60 steps on the later texts, the directly tuned base and the"
          + " expert. The anti-expert is the small model. The vocabulary is of 150 words, with the"
          + " letters among them.";

  /** What was chosen, and on what. */
  static final String CHOSEN =
      "Sizes, steps and the form of the quizzes, and of α = 0.5, 1, 1.5 and 2 the 1.5 that stands"
          + " beside the paper's 1, all on the town of seed 9, which takes no part here. In the"
          + " first forms facts were words and each quiz listed four of them with letters: models"
          + " of 0.5 million weights that learned for a few minutes chose .21 to .41 of the letters"
          + " right, and so the facts are letters themselves. Nothing was chosen on the questions"
          + " reported.";

  /** What neither experiment shows. */
  static final String NOT_SHOWN =
      "Quizzes whose letters stand for something else each time, as those of real tests do. Later"
          + " texts that tell only what is new: here they tell of everybody again. New names and"
          + " new words, and bases that are far larger than the expert. One made-up town, models"
          + " that a person would call tiny.";

  /** What was best on a town that takes no part. */
  static final double CHOSEN_ALPHA = 1.5;

  private static final int BASE_STEPS = 300;
  private static final int SMALL_STEPS = 220;
  private static final int UPDATE_STEPS = 60;
  private static final int QUICK_QUESTIONS = 12;

  static List<TimedModels> all(Laboratory lab) {
    return lab.seeds().stream().map(seed -> new TimedModels(lab, seed)).toList();
  }

  Made.Dated base() {
    return new Made.Dated(Made.Size.SMALL, seed, lab.steps(BASE_STEPS));
  }

  Made.Dated small() {
    return new Made.Dated(Made.Size.TINY, seed, lab.steps(SMALL_STEPS));
  }

  /** A model further trained on the texts of a time. */
  Made updated(Made.Dated source, int time) {
    return new Made.Updated(source, time, lab.steps(UPDATE_STEPS));
  }

  Made expert(int time) {
    return updated(small(), time);
  }

  Made direct(int time) {
    return updated(base(), time);
  }

  /** The base, steered to a time as the paper does. */
  Mix steered(int time) {
    return steered(time, 1);
  }

  /** The same with another strength. */
  Mix steered(int time, double alpha) {
    return Mix.of(base(), Pull.of(expert(time), small(), alpha));
  }

  /** Quizzes about facts that may have changed, of people whom no text has a quiz about. */
  List<Quiz> questions(int time) {
    return lab.chronicle(seed).questions(time, lab.isQuick() ? QUICK_QUESTIONS : Integer.MAX_VALUE);
  }

  /** What a system answers that runs in this process. */
  QuizAnswers answers(Mix mix, int time) {
    return QuizAnswers.of(
        lab.part(mix, what(time), tuner -> QuizAnswers.of(tuner, questions(time)).json()));
  }

  /** The same of a system whose base is behind a server that shows a few tokens. */
  QuizAnswers answers(Mix mix, int time, int shown) {
    return QuizAnswers.of(
        lab.kept(
            mix,
            what(time) + ", the base shows " + shown + " tokens",
            () -> lab.throughServer(mix, shown, it -> QuizAnswers.of(it, questions(time)).json())));
  }

  private String what(int time) {
    return "quizzes of time " + time + ": " + questions(time);
  }

  /** The scores of each seed at a time. */
  record Scores(List<QuizScore> changed, List<QuizScore> unchanged) {
    Scores {
      changed = List.copyOf(changed);
      unchanged = List.copyOf(unchanged);
    }

    /** Means over seeds, and sums of what is counted. */
    ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.set("changed", mean(changed, QuizScore::accuracy));
      json.set("unchanged", mean(unchanged, QuizScore::accuracy));
      json.set("outdated", mean(changed, QuizScore::outdatedShare));
      QuizScore of = sum(changed);
      QuizScore others = sum(unchanged);
      json.put("changed_asked", of.asked()).put("unchanged_asked", others.asked());
      return json.put("dropped", of.dropped() + others.dropped());
    }
  }

  private static JsonNode mean(List<QuizScore> scores, ToDoubleFunction<QuizScore> value) {
    return new SeedMean(scores.stream().map(it -> value.applyAsDouble(it)).toList()).json();
  }

  private static QuizScore sum(List<QuizScore> scores) {
    return scores.stream().reduce(QuizScore.NONE, QuizScore::plus);
  }
}
