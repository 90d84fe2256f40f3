package io.proxytune.core.offsets;

/**
 * What an {@link OffsetServer} has done: immutable.
 *
 * @param connections how many engines have been greeted
 * @param requests how many requests have joined
 * @param failures how many of them failed
 * @param steps how many messages of engines were answered
 * @param rows how many offsets were sent
 * @param tokens how many tokens of requests came, those that came again included
 * @param passes how many times the models were run for all that was there
 */
public record OffsetStats(
    long connections,
    long requests,
    long failures,
    long steps,
    long rows,
    long tokens,
    long passes) {}
