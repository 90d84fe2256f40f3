package io.proxytune.examples.evaluation;

/**
 * What a system answered: immutable.
 *
 * @param text the text without special tokens, or the option chosen
 * @param ended whether it ended with the end token; always so where it chose
 */
public record Reply(String text, boolean ended) {}
