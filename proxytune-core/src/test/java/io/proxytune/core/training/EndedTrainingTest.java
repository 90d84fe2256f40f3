package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.checkpoint.TinyLlama;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that trains is told to end. */
@Tag("slow")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process can't be told to end there")
class EndedTrainingTest {
  private static final int ENDED_BY_SIGTERM = 128 + 15;

  /** So many steps that no process takes them, and no state that is saved on the way. */
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withSteps(10_000_000)
          .withTokensPerStep(64)
          .withSaveStateEvery(10_000_000);

  @TempDir Path folder;

  @Test
  void theStateIsSavedAndTheProcessEndsAsItWasTold() throws Exception {
    Path checkpoint = new TinyLlama().write(Files.createDirectory(folder.resolve("source")));
    Path output = folder.resolve("tuned");
    int last = lastStepWhenToldToEnd(checkpoint, output);
    List<Integer> goesOn = new ArrayList<>();
    TrainingListener once =
        new TrainingListener() {
          @Override
          public void onStep(TrainingProgress progress) {
            goesOn.add(progress.step());
          }

          @Override
          public boolean stopRequested() {
            return !goesOn.isEmpty();
          }
        };
    tune(checkpoint, output, once);
    assertThat(goesOn).containsExactly(last + 1);
  }

  private static int lastStepWhenToldToEnd(Path checkpoint, Path output) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", "-Dproxytune.threads=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Child.class.getName(), checkpoint.toString(), output.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    StringBuilder said = new StringBuilder();
    int last = 0;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
        if (line.matches("\\d+")) {
          last = Integer.parseInt(line);
          process.toHandle().destroy(); // unlike the process, leaves what it says open
        }
      }
    }
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the process ends").isTrue();
    assertThat(process.exitValue()).as(said.toString()).isEqualTo(ENDED_BY_SIGTERM);
    return last;
  }

  private static void tune(Path checkpoint, Path output, TrainingListener listener) {
    Random random = new Random(5);
    List<TrainingSequence> rows = new ArrayList<>();
    for (int row = 0; row < 40; row++) {
      rows.add(TrainingSequence.of(random.ints(12, 3, 16).toArray()));
    }
    Training.tune(checkpoint, TrainingData.of(rows), OPTIONS, output, listener);
  }

  /** The process that is told to end. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      tune(
          Path.of(args[0]),
          Path.of(args[1]),
          progress -> System.out.println(progress.step())); // read by who ends the process
    }
  }
}
