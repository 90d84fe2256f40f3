package io.proxytune;

/**
 * What a {@link Strength.Custom} is told of the token that is about to be picked. The distribution
 * is the base's own, of the ids that it has a token for, before penalties, bans and temperature.
 *
 * @param position how many tokens the text has already, at least 0
 * @param entropy of the base's distribution in nats, at least 0
 * @param topProbability of the base's likeliest token, in {@code (0, 1]}
 */
public record FusionStep(int position, double entropy, double topProbability) {}
