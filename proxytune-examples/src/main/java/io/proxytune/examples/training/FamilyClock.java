package io.proxytune.examples.training;

import io.proxytune.core.training.TrainingProgress;
import java.time.Duration;
import java.util.Arrays;

/**
 * Estimates the time to the end of a family. What is left of the stage is measured; stages to come
 * are taken to cost in proportion to positions and weights, of which a large model computes more a
 * second: an estimate that gets better as it goes on. Immutable.
 */
final class FamilyClock {
  private final FamilyRecipe recipe;

  FamilyClock(FamilyRecipe recipe) {
    this.recipe = recipe;
  }

  Duration remaining(Stage stage, TrainingProgress progress) {
    double stepsLeft = Math.max(1, progress.steps() - progress.step());
    double secondsOfCost =
        progress.remaining().toMillis() / 1e3 / stepsLeft / stage.costOfStep(recipe);
    double later =
        Arrays.stream(Stage.values())
            .filter(other -> other.compareTo(stage) > 0)
            .mapToDouble(other -> other.costOfStep(recipe) * other.recipe(recipe).steps())
            .sum();
    return progress.remaining().plusMillis(Math.round(1e3 * later * secondsOfCost));
  }
}
