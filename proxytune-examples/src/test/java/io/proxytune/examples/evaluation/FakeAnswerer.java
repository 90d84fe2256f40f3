package io.proxytune.examples.evaluation;

import java.util.List;
import java.util.function.Function;

/** Answers by a function. */
record FakeAnswerer(SystemId id, Function<Item, Reply> answer) implements Answerer {
  @Override
  public List<Reply> answer(List<Item> items) {
    return items.stream().map(answer).toList();
  }

  @Override
  public void close() {}
}
