package io.proxytune.core.torch.training;

/**
 * What a step gave.
 *
 * @param loss the mean loss before it, in nats
 * @param gradientNorm the gradient's length before it was clipped
 */
public record StepResult(double loss, double gradientNorm) {}
