package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class KilledTrainingTest {
  @TempDir Path folder;

  @Test
  void aTrainingThatWasKilledGoesOnToTheSameBytes() throws Exception {
    KilledTraining.Outcome outcome = new KilledTraining(folder, 7).run(2);
    assertThat(outcome.kills()).isEqualTo(2);
    assertThat(outcome.steps().get(1)).isGreaterThan(1);
    assertThat(outcome.same()).isTrue();
    assertThat(outcome.left()).isEmpty();
  }
}
