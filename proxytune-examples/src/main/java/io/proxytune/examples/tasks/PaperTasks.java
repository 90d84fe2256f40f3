package io.proxytune.examples.tasks;

import java.util.List;
import java.util.stream.Collectors;

/** The paper's benchmarks by name. */
public final class PaperTasks {
  private static final List<PaperTask> ALL =
      List.of(
          new Gsm8k(),
          new TruthfulQaChoice(),
          new TruthfulQaOpen(),
          new ToxiGen(),
          new TriviaQa(),
          new HumanEval(),
          new AlpacaFarm(),
          new RealTimeQa());

  private PaperTasks() {}

  /** All that are run here. */
  public static List<PaperTask> all() {
    return ALL;
  }

  /**
   * A benchmark.
   *
   * @throws IllegalArgumentException if there is none of that name, or it is not run here
   */
  public static PaperTask named(String name) {
    if (name.equals("ds1000")) {
      throw new IllegalArgumentException(
          "--task ds1000 is not run: its tests need Python 3.7 with TensorFlow 2.10, torch 1.12 and"
              + " the other libraries of its list in the versions of 2022, in a container of its"
              + " own");
    }
    return ALL.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--task must be one of "
                        + ALL.stream().map(PaperTask::name).collect(Collectors.joining(", "))
                        + ", got "
                        + name));
  }
}
