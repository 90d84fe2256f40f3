package io.proxytune.examples.world;

/**
 * A world in figures.
 *
 * @param seed what it was drawn from
 * @param people how many live in it
 * @param documents of the raw text
 * @param words tokens of the raw text
 * @param vocabulary different tokens, special ones included
 * @param tuning chats to tune on
 * @param development exercises to choose settings by
 * @param test exercises for the last test
 */
public record WorldSummary(
    long seed,
    int people,
    int documents,
    long words,
    int vocabulary,
    int tuning,
    int development,
    int test) {}
