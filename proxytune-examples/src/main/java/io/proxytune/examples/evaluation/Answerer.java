package io.proxytune.examples.evaluation;

import java.util.List;

/** A system that answers items. For one thread. */
public interface Answerer extends AutoCloseable {
  /** Which system it is. */
  SystemId id();

  /** Answers items of one task, in their order. */
  List<Reply> answer(List<Item> items);

  /** Frees what is its own; models that were passed in stay open. */
  @Override
  void close();
}
