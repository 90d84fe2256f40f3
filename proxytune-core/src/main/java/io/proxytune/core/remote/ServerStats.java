package io.proxytune.core.remote;

/**
 * What was asked of a server: immutable.
 *
 * @param rows the rows of log-probabilities that it gave
 * @param requests the requests for rows that were sent, repeated ones included
 * @param repeated those of them that repeated one which had failed
 * @param tokens the prompt tokens of all requests for rows that were answered; those that the
 *     server kept from before count again
 * @param bytes the bytes of all answers, uncompressed
 */
public record ServerStats(long rows, long requests, long repeated, long tokens, long bytes) {}
