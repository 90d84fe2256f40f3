package io.proxytune.examples.training;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.training.TrainingOptions;

/**
 * How one model of the family is trained.
 *
 * @param steps how many steps, at least 1
 * @param learningRate the highest learning rate, above 0
 * @param warmUpSteps steps in which the learning rate rises, at least 0
 * @param tokensPerStep positions of a step at most, at least 1
 */
public record StageRecipe(int steps, double learningRate, int warmUpSteps, int tokensPerStep) {
  public StageRecipe {
    checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    checkArgument(learningRate > 0, "learningRate must be > 0, got %s", learningRate);
    checkArgument(warmUpSteps >= 0, "warmUpSteps must be >= 0, got %s", warmUpSteps);
    checkArgument(tokensPerStep >= 1, "tokensPerStep must be >= 1, got %s", tokensPerStep);
  }

  TrainingOptions options(long seed) {
    return TrainingOptions.defaults()
        .withSteps(steps)
        .withLearningRate(learningRate)
        .withWarmUpSteps(warmUpSteps)
        .withTokensPerStep(tokensPerStep)
        .withSeed(seed);
  }
}
