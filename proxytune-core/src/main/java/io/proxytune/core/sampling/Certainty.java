package io.proxytune.core.sampling;

/**
 * How certain a distribution is.
 *
 * @param entropy in nats, at least 0; NaN of a row that is not usable
 * @param topProbability of the likeliest id; NaN of a row that is not usable
 */
public record Certainty(double entropy, double topProbability) {}
