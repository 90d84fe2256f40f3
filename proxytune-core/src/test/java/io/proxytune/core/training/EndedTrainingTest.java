package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.ChildJvm;
import io.proxytune.core.checkpoint.TinyLlama;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  /** So many that no process takes them, and no state that is saved on the way. */
  private static final int STEPS = 10_000_000;

  @TempDir Path folder;

  @Test
  void theStateIsSavedAndTheProcessEndsAsItWasTold() throws Exception {
    Path checkpoint = new TinyLlama().write(Files.createDirectory(folder.resolve("source")));
    ChildTraining training = new ChildTraining(checkpoint, folder.resolve("tuned"), STEPS, STEPS);
    int last = lastStepWhenToldToEnd(training);
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
    training.run(once);
    assertThat(goesOn).containsExactly(last + 1);
  }

  private static int lastStepWhenToldToEnd(ChildTraining training) throws Exception {
    Process process = training.start();
    StringBuilder said = new StringBuilder();
    int last = 0;
    try (BufferedReader lines = ChildTraining.lines(process)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
        if (ChildTraining.isStep(line)) {
          last = Integer.parseInt(line);
          process.toHandle().destroy(); // unlike the process, leaves what it says open
        }
      }
    }
    assertThat(ChildJvm.end(process)).as(said.toString()).isEqualTo(ENDED_BY_SIGTERM);
    return last;
  }
}
