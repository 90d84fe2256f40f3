package io.proxytune.core.training;

import io.proxytune.core.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A training that is run here, or in a process of its own that says each step.
 *
 * @param checkpoint what is tuned
 * @param output where it is written to
 * @param steps the number of steps
 * @param saveStateEvery after how many steps a state is saved
 */
record ChildTraining(Path checkpoint, Path output, int steps, int saveStateEvery) {
  void run(TrainingListener listener) {
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(steps)
            .withTokensPerStep(64)
            .withLearningRate(1e-3)
            .withSaveStateEvery(saveStateEvery);
    Training.tune(checkpoint, TrainingData.of(rows()), options, output, listener);
  }

  private static List<TrainingSequence> rows() {
    Random random = new Random(5);
    List<TrainingSequence> rows = new ArrayList<>();
    for (int row = 0; row < 40; row++) {
      rows.add(TrainingSequence.of(random.ints(12, 3, 16).toArray()));
    }
    return rows;
  }

  Process start() throws IOException {
    List<String> options = List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", "-Dproxytune.threads=1");
    return ChildJvm.of(ChildTraining.class, options, checkpoint, output, steps, saveStateEvery)
        .start();
  }

  /** What a process says: the number of each step on a line of its own, among whatever else. */
  static BufferedReader lines(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static boolean isStep(String line) {
    return line.matches("\\d+");
  }

  public static void main(String[] args) {
    new ChildTraining(
            Path.of(args[0]),
            Path.of(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]))
        .run(progress -> System.out.println(progress.step())); // read by who started this
  }
}
