package io.proxytune.core.tokenizer.format;

/**
 * How many characters of a set a text may hold in a row.
 *
 * @param set the characters
 * @param most how many
 */
record RunLimit(CharacterSet set, int most) {}
