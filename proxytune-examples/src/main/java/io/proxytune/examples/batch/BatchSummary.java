package io.proxytune.examples.batch;

/**
 * What came of a file of prompts.
 *
 * @param done the lines whose results were written now
 * @param before the lines whose results were there already
 * @param bad the lines that could not be done
 */
public record BatchSummary(long done, long before, long bad) {}
