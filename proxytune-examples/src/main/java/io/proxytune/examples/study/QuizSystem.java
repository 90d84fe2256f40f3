package io.proxytune.examples.study;

import io.proxytune.examples.world.Quiz;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A system that takes quizzes, made anew of each seed's models: immutable.
 *
 * @param name for people
 * @param answers what it answers, with the models of one seed
 */
record QuizSystem(String name, Function<TimedModels, QuizAnswers> answers) {
  /** Its scores at a time, seed by seed. */
  TimedModels.Scores scores(List<TimedModels> seeds, int time) {
    List<QuizScore> changed = new ArrayList<>();
    List<QuizScore> unchanged = new ArrayList<>();
    for (TimedModels models : seeds) {
      List<Quiz> questions = models.questions(time);
      QuizAnswers given = answers.apply(models);
      changed.add(QuizScore.of(questions, given, true));
      unchanged.add(QuizScore.of(questions, given, false));
    }
    return new TimedModels.Scores(changed, unchanged);
  }
}
