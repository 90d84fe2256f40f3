package io.proxytune.examples.measure;

import io.proxytune.examples.batch.BatchRequest;
import java.util.List;

/**
 * A question that systems are measured on: immutable.
 *
 * @param line its line in the file, from 1
 * @param task what kind of question, for figures by kind; empty where the line does not say
 * @param request what the models read, and how they write
 * @param options the answers to choose from; empty where the answer is written
 * @param checker scores an answer
 */
public record Question(
    long line, String task, BatchRequest request, List<String> options, Checker checker) {
  public Question {
    options = List.copyOf(options);
  }
}
