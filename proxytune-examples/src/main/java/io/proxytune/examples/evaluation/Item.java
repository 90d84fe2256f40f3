package io.proxytune.examples.evaluation;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * One question with its answer: immutable.
 *
 * @param task what kind of question
 * @param prompt the user's message, not blank
 * @param answer the expected answer, not blank
 * @param options the answers to choose from, without blanks around them; empty where the answer is
 *     written freely
 * @param facts the words in which the knowledge lies; empty where the answer shows none
 * @param subject whom or what the question is about
 */
public record Item(
    Task task,
    String prompt,
    String answer,
    List<String> options,
    List<String> facts,
    String subject) {
  public Item {
    requireNonNull(task, "task");
    checkArgument(!prompt.isBlank(), "\"prompt\" must not be blank");
    checkArgument(!answer.isBlank(), "\"answer\" must not be blank");
    options = options.stream().map(String::strip).toList();
    facts = List.copyOf(facts);
    checkArgument(
        options.isEmpty() || options.contains(answer.strip()),
        "\"options\" must contain the answer \"%s\", got %s",
        answer,
        options);
  }

  /** Whether the answer is one of several options. */
  public boolean isChoice() {
    return !options.isEmpty();
  }
}
