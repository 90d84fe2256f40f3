package io.proxytune.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.training.TrainingProgress;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class FamilyClockTest {
  private final FamilyRecipe recipe = FamilyRecipe.shipped();

  private Duration remaining(Stage stage, int step, int seconds) {
    TrainingProgress progress =
        new TrainingProgress(
            step,
            stage.recipe(recipe).steps(),
            1,
            1,
            1,
            1,
            OptionalDouble.empty(),
            Duration.ofSeconds(seconds));
    return new FamilyClock(recipe).remaining(stage, progress);
  }

  @Test
  void theLastStageLeavesOnlyItself() {
    assertThat(remaining(Stage.BASE_TUNED, 10, 40)).isEqualTo(Duration.ofSeconds(40));
  }

  @Test
  void stagesToComeCostByTheirStepsAndWeights() {
    int left = recipe.base().steps() / 2;
    Duration all = remaining(Stage.BASE, recipe.base().steps() - left, left);
    assertThat(all).isEqualTo(Duration.ofSeconds(left + recipe.baseTuned().steps()));
  }

  @Test
  void theBaseIsMostOfTheWork() {
    assertThat(remaining(Stage.SMALL, 850, 60)).isGreaterThan(Duration.ofMinutes(5));
  }

  @Test
  void durationsReadAsPeopleSayThem() {
    assertThat(Durations.text(Duration.ofMillis(1_600))).isEqualTo("2 s");
    assertThat(Durations.text(Duration.ofSeconds(150))).isEqualTo("3 min");
    assertThat(Durations.text(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
    assertThat(Durations.text(Duration.ofSeconds(-1))).isEqualTo("0 s");
  }
}
