package io.proxytune.examples.tasks.judge;

import java.util.OptionalDouble;

/**
 * Gives verdicts. For one thread.
 *
 * <p>A verdict is a number from 0 to 1: how likely what is asked holds of the answer; of a
 * preference, how likely the answer is the better one.
 */
public interface Judge extends AutoCloseable {
  /** Who it is, for the report. */
  String name();

  /**
   * The verdict on an answer.
   *
   * @return a number from 0 to 1; nothing where this judge has none
   * @throws JudgeException if the judge fails
   */
  OptionalDouble verdict(JudgeQuestion question);

  @Override
  default void close() {}

  /** Nobody: what needs a judge is not judged. */
  static Judge none() {
    return new Judge() {
      @Override
      public String name() {
        return "none";
      }

      @Override
      public OptionalDouble verdict(JudgeQuestion question) {
        return OptionalDouble.empty();
      }
    };
  }
}
