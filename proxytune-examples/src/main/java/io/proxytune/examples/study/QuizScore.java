package io.proxytune.examples.study;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.examples.world.Quiz;
import java.util.List;

/**
 * How many of some questions were answered how: immutable.
 *
 * @param asked how many there were
 * @param right where the right letter was chosen
 * @param outdated where the letter of what was right at the first time was chosen
 * @param dropped where no letter could be chosen
 */
record QuizScore(int asked, int right, int outdated, int dropped) {
  static final QuizScore NONE = new QuizScore(0, 0, 0, 0);

  /**
   * Counts.
   *
   * @param changed whether those are counted whose facts changed since the first time, or those
   *     whose did not
   */
  static QuizScore of(List<Quiz> questions, QuizAnswers answers, boolean changed) {
    checkArgument(
        questions.size() == answers.chosen().length(),
        "expected answers to %s questions, got %s",
        questions.size(),
        answers.chosen().length());
    QuizScore score = NONE;
    for (int i = 0; i < questions.size(); i++) {
      if (questions.get(i).outdated().isPresent() == changed) {
        score = score.plus(of(questions.get(i), answers.chosen().get(i)));
      }
    }
    return score;
  }

  private static QuizScore of(Quiz question, int chosen) {
    boolean old = question.outdated().isPresent() && question.outdated().getAsInt() == chosen;
    return new QuizScore(
        1, chosen == question.answer() ? 1 : 0, old ? 1 : 0, chosen == QuizAnswers.DROPPED ? 1 : 0);
  }

  QuizScore plus(QuizScore other) {
    return new QuizScore(
        asked + other.asked,
        right + other.right,
        outdated + other.outdated,
        dropped + other.dropped);
  }

  /** The share that is right of the questions that were not dropped; NaN where there are none. */
  double accuracy() {
    return (double) right / (asked - dropped);
  }

  /** The share that was right once, of the questions that were not dropped. */
  double outdatedShare() {
    return (double) outdated / (asked - dropped);
  }
}
