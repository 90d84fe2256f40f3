package io.proxytune.examples.evaluation;

/**
 * What is right about an answer: immutable.
 *
 * @param exact it is the expected text and ended with the end token
 * @param knows all facts of the expected answer occur in it
 * @param ended it ended with the end token
 * @param refused it is a refusal
 */
public record Mark(boolean exact, boolean knows, boolean ended, boolean refused) {}
