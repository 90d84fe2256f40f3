package io.proxytune.examples.demo;

/**
 * A piece of a text that is shown: immutable.
 *
 * @param text the text, with the blank before it if any
 * @param changed whether the base would have said something else there
 */
record Piece(String text, boolean changed) {}
