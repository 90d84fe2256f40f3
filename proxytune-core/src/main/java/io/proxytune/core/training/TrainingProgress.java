package io.proxytune.core.training;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * How far training is: immutable.
 *
 * @param step the steps done, from 1
 * @param steps the steps in all
 * @param loss the step's mean loss over the ids that carry it, in nats
 * @param learningRate the step's learning rate
 * @param gradientNorm the length of the step's gradient before it was clipped
 * @param tokensPerSecond positions trained a second, padding not counted, since this call began
 * @param heldOutLoss the mean loss over the held-out ids after this step, where it was measured
 * @param remaining an estimate of the time to the end at the speed so far
 */
public record TrainingProgress(
    int step,
    int steps,
    double loss,
    double learningRate,
    double gradientNorm,
    double tokensPerSecond,
    OptionalDouble heldOutLoss,
    Duration remaining) {}
