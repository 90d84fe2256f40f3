package io.proxytune.core.training;

import io.proxytune.core.checkpoint.TinyLlama;
import java.io.BufferedReader;
import java.io.IOException;
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

  private static final int STEPS = 400;

  /** A state after every step, so that many kills fall into the write of one. */
  private static final int SAVE_EVERY = 1;

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
    new ChildTraining(checkpoint, whole, STEPS, SAVE_EVERY).run(TrainingListener.none());
    Path killed = folder.resolve("killed");
    ChildTraining training = new ChildTraining(checkpoint, killed, STEPS, SAVE_EVERY);
    List<Integer> steps = new ArrayList<>();
    int done = 0;
    int duringWrite = 0;
    while (done < kills && !Files.exists(killed)) {
      steps.add(startAndKill(training, done % 2 == 1));
      done++;
      duringWrite += hasHalfFile(state()) ? 1 : 0;
    }
    finish(training);
    boolean same = Files.mismatch(whole.resolve(WEIGHTS), killed.resolve(WEIGHTS)) == -1;
    return new Outcome(done, duringWrite, steps, same, leftovers());
  }

  private Path state() {
    return folder.resolve("killed.training");
  }

  /** Kills some steps on: up to 1 ms after that step, or as soon as half a file is seen. */
  private int startAndKill(ChildTraining training, boolean inWrite)
      throws IOException, InterruptedException {
    Process process = training.start();
    int wanted = 1 + random.nextInt(30);
    int first = -1;
    try (BufferedReader lines = ChildTraining.lines(process)) {
      String line = lines.readLine();
      for (int seen = 0; line != null && seen < wanted; line = lines.readLine()) {
        if (ChildTraining.isStep(line)) {
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

  private static void finish(ChildTraining training) throws IOException, InterruptedException {
    Process process = training.start();
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = ChildTraining.lines(process)) {
      lines.lines().forEach(line -> said.append(line).append('\n'));
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("training did not go on: " + said);
    }
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
