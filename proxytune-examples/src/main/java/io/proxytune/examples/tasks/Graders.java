package io.proxytune.examples.tasks;

import io.proxytune.examples.tasks.judge.Judge;
import io.proxytune.examples.tasks.judge.JudgeQuestion;
import io.proxytune.examples.tasks.sandbox.CodeRunner;
import java.util.OptionalDouble;

/**
 * Who says what an answer is worth where comparing texts does not. For one thread.
 *
 * @param judge gives verdicts
 * @param runner runs code
 * @param step is called by who scores, after each answer that was judged or run
 */
public record Graders(Judge judge, CodeRunner runner, Runnable step) {
  /** Why nothing is judged, where nothing is. */
  static final String NOT_JUDGED = "not judged: no judge was given";

  /** Nobody. */
  public static Graders none() {
    return new Graders(Judge.none(), CodeRunner.refusing("nobody was given to run it"), () -> {});
  }

  /** What came with the answer, or else the judge's. */
  OptionalDouble verdict(Answer answer, JudgeQuestion question) {
    Double given = answer.verdicts().get(question.asks());
    return given == null ? judge.verdict(question) : OptionalDouble.of(given);
  }
}
