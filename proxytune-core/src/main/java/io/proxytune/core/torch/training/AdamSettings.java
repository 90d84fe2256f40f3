package io.proxytune.core.torch.training;

/**
 * AdamW's constants: immutable.
 *
 * @param beta1 of the mean
 * @param beta2 of the square
 * @param epsilon added to the root of the square
 * @param weightDecay how far matrices shrink, times the learning rate
 * @param clipNorm the greatest length of a gradient
 */
public record AdamSettings(
    double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {}
