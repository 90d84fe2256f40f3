package io.proxytune.examples.study;

/**
 * What a study asks and how, settled before anything is measured: immutable.
 *
 * @param name as the command line has it, such as {@code anti-experts}
 * @param question the question, in a sentence
 * @param design what is compared with what
 * @param models which models take part
 * @param chosen what was chosen, and on which set
 * @param notShown what the result does not show
 */
public record Plan(
    String name, String question, String design, String models, String chosen, String notShown) {}
