package io.proxytune.examples.evaluation;

/**
 * What is right about an answer: immutable.
 *
 * @param exact it is the expected text and ended with the end token
 * @param occurs the expected text occurs in it
 * @param ended it ended with the end token
 * @param refused it is a refusal
 */
public record Mark(boolean exact, boolean occurs, boolean ended, boolean refused) {}
