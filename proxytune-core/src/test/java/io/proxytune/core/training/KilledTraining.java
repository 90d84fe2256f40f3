package io.proxytune.core.training;

import io.proxytune.core.checkpoint.TinyLlama;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Tunes in processes that are killed at random moments, then lets one finish, and compares its
 * output with that of a training that nobody killed. {@code main} does so as often as is asked.
 */
final class KilledTraining {
  private static final String WEIGHTS = "model.safetensors";

  /** A state after every step, so that many kills fall into the write of one. */
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withSteps(400)
          .withTokensPerStep(64)
          .withLearningRate(1e-3)
          .withSaveStateEvery(1);

  private final Path folder;
  private final Random random;

  /**
   * What came of it.
   *
   * @param kills how many processes were killed
   * @param duringWrite how many of them left half a file
   * @param steps after which step each went on
   * @param same whether the output's bytes are those of the training without kills
   * @param left files beside the two outputs
   */
  record Outcome(
      int kills, int duringWrite, List<Integer> steps, boolean same, List<String> left) {}

  KilledTraining(Path folder, long seed) {
    this.folder = folder;
    this.random = new Random(seed);
  }

  Outcome run(int kills) throws IOException, InterruptedException {
    Path checkpoint = new TinyLlama().write(Files.createDirectory(folder.resolve("source")));
    Path whole = folder.resolve("whole");
    tune(checkpoint, whole, TrainingListener.none());
    Path killed = folder.resolve("killed");
    List<Integer> steps = new ArrayList<>();
    int done = 0;
    int duringWrite = 0;
    while (done < kills && !Files.exists(killed)) {
      steps.add(startAndKill(checkpoint, killed, done % 2 == 1));
      done++;
      duringWrite += hasHalfFile(state()) ? 1 : 0;
    }
    finish(checkpoint, killed);
    boolean same = Files.mismatch(whole.resolve(WEIGHTS), killed.resolve(WEIGHTS)) == -1;
    return new Outcome(done, duringWrite, steps, same, leftovers());
  }

  private Path state() {
    return folder.resolve("killed.training");
  }

  private static void tune(Path checkpoint, Path output, TrainingListener listener) {
    Training.tune(checkpoint, TrainingData.of(rows()), OPTIONS, output, listener);
  }

  private static List<TrainingSequence> rows() {
    Random random = new Random(5);
    List<TrainingSequence> rows = new ArrayList<>();
    for (int row = 0; row < 40; row++) {
      rows.add(TrainingSequence.of(random.ints(12, 3, 16).toArray()));
    }
    return rows;
  }

  /** Kills some steps on: up to 1 ms after that step, or as soon as half a file is seen. */
  private int startAndKill(Path checkpoint, Path output, boolean inWrite)
      throws IOException, InterruptedException {
    Process process = start(checkpoint, output);
    int wanted = 1 + random.nextInt(30);
    int first = -1;
    try (BufferedReader lines = lines(process)) {
      String line = lines.readLine();
      for (int seen = 0; line != null && seen < wanted; line = lines.readLine()) {
        if (line.matches("\\d+")) {
          first = first < 0 ? Integer.parseInt(line) : first;
          seen++;
        }
      }
      Thread.sleep(0, random.nextInt(1_000_000));
      while (inWrite && process.isAlive() && !hasHalfFile(state())) {
        Thread.onSpinWait();
      }
      process.destroyForcibly();
      process.waitFor();
    }
    return first;
  }

  private static void finish(Path checkpoint, Path output)
      throws IOException, InterruptedException {
    Process process = start(checkpoint, output);
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = lines(process)) {
      lines.lines().forEach(line -> said.append(line).append('\n'));
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("training did not go on: " + said);
    }
  }

  private static BufferedReader lines(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static Process start(Path checkpoint, Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", "-Dproxytune.threads=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Child.class.getName(), checkpoint.toString(), output.toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static boolean hasHalfFile(Path state) throws IOException {
    if (!Files.exists(state)) {
      return false;
    }
    try (Stream<Path> files = Files.list(state)) {
      return files.anyMatch(file -> file.toString().endsWith(".tmp"));
    }
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !List.of("source", "whole", "killed").contains(name))
          .toList();
    }
  }

  /** The process that is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      tune(
          Path.of(args[0]),
          Path.of(args[1]),
          progress -> System.out.println(progress.step())); // read by the process that kills
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int kills = Integer.parseInt(args[0]);
    Outcome outcome = new KilledTraining(Files.createTempDirectory("killed"), 1).run(kills);
    System.out.println(
        String.format(
            Locale.ROOT,
            "%d kills, %d inside the write of a file, going on after steps %s: output %s, left %s",
            outcome.kills(),
            outcome.duringWrite(),
            outcome.steps(),
            outcome.same() ? "the same bytes" : "OTHER BYTES",
            outcome.left()));
  }
}
