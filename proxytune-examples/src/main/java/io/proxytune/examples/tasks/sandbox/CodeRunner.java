package io.proxytune.examples.tasks.sandbox;

import java.util.Optional;

/** Runs Python programs, or says why it does not. Implementations are safe for several threads. */
public interface CodeRunner extends AutoCloseable {
  /**
   * What came of a program.
   *
   * @param outcome how it ended
   * @param detail the last line that it wrote to standard error, or what it was ended for
   */
  record Result(Outcome outcome, String detail) {}

  /** How a program ended. */
  enum Outcome {
    /** It ran to its end. */
    PASSED,
    /** It ended before, by an exception or a limit. */
    FAILED,
    /** It was killed at its deadline. */
    TIMED_OUT
  }

  /** Why programs are not run; nothing where they are. */
  Optional<String> refusal();

  /**
   * Runs a program to its end or its deadline.
   *
   * @throws IllegalStateException if programs are not run here
   */
  Result run(String program);

  @Override
  default void close() {}

  /** One that runs nothing. */
  static CodeRunner refusing(String reason) {
    return new CodeRunner() {
      @Override
      public Optional<String> refusal() {
        return Optional.of(reason);
      }

      @Override
      public Result run(String program) {
        throw new IllegalStateException("code is not run: " + reason);
      }
    };
  }
}
