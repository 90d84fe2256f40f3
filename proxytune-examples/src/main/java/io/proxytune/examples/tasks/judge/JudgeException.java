package io.proxytune.examples.tasks.judge;

import org.jspecify.annotations.Nullable;

/** A judge gives no verdict where it should. */
public final class JudgeException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  JudgeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Reads a verdict. */
  static double checked(double verdict, String judge, JudgeQuestion question) {
    if (verdict >= 0 && verdict <= 1) {
      return verdict;
    }
    throw new JudgeException(
        judge + " gave the verdict " + verdict + " on " + question.id() + ", not one from 0 to 1",
        null);
  }
}
