package io.proxytune.examples.tasks;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A benchmark of the paper: where its items are, how they are asked and answered, what is read out
 * of the answers, and what that is worth. Implementations are immutable.
 */
public interface PaperTask {
  /** What it is called on the command line. */
  String name();

  /** What it is called in print. */
  String title();

  /** What its metric is, in a few words. */
  String metric();

  /** How its texts are generated. */
  Decoding decoding();

  /** Whether texts are programs, which are run. */
  default boolean runsPrograms() {
    return false;
  }

  /**
   * The items of the published files, in their order.
   *
   * @param data the folder that holds them
   * @throws IllegalArgumentException naming file and line, if one is not as published
   */
  List<TaskItem> items(Path data);

  /**
   * Answers that somebody wrote into a file, each with its item.
   *
   * @param outputs the file's rows, as the paper published them
   * @param data the folder of the published files, which only some benchmarks need for this
   * @throws IllegalArgumentException naming file and line, if one is not as published
   */
  List<Answer> answers(List<Row> outputs, Optional<Path> data);

  /**
   * What answers are worth.
   *
   * @param answers at least one
   */
  Scores score(List<Answer> answers, Graders graders);
}
