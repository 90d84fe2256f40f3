package io.proxytune.examples.diagnosis;

import io.proxytune.Generation;

/**
 * A steered text beside the base's own: immutable.
 *
 * @param steered with traces, and log-probabilities with alternatives
 * @param alone what the base alone wrote after the same tokens
 */
public record Sample(Generation steered, Generation alone) {}
