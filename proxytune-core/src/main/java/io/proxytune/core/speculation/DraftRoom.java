package io.proxytune.core.speculation;

/**
 * What a step leaves to drafts.
 *
 * @param together how many texts the step is of, those that are steered otherwise included; 0 where
 *     it does other things as well, whose time says nothing of drafts
 * @param tokens the most drafted tokens of a text
 */
public record DraftRoom(int together, int tokens) {}
