package io.proxytune.core.decode;

/**
 * A token that was picked and not given to the reader yet.
 *
 * @param id its id
 * @param report what is told of it
 * @param drafted how many tokens were drafted for the step; 0 where another token counts them
 * @param gating whether it was steered, and by whom
 * @param kept whether it was drafted itself, so that every model has read it
 */
record Picked(int id, TokenReport report, int drafted, Gating.Outcome gating, boolean kept) {}
