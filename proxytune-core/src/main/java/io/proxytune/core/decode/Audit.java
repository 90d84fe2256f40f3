package io.proxytune.core.decode;

/**
 * What steering would have done to a token that it was left out of.
 *
 * @param changed whether it would have put another token first
 * @param divergence KL(steered at full strength ‖ base) in nats
 */
record Audit(boolean changed, double divergence) {}
