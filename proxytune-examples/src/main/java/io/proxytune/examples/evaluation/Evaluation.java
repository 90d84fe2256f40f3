package io.proxytune.examples.evaluation;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Streams;
import io.proxytune.examples.cli.WorkBar;
import java.util.List;
import java.util.Map;

/** Puts every item of a set to a system. */
public final class Evaluation {
  private final ItemSet set;
  private final Grader grader;
  private final WorkBar bar;

  public Evaluation(ItemSet set, WorkBar bar) {
    this.set = set;
    this.grader = Grader.of(set);
    this.bar = bar;
  }

  /** The marks of a system, which stays open. */
  public SystemResult of(Answerer system) {
    ImmutableMap.Builder<Task, List<Mark>> marks = ImmutableMap.builder();
    for (Map.Entry<Task, List<Item>> task : set.byTask().entrySet()) {
      bar.about(system.id().title() + ", " + task.getKey().id());
      marks.put(task.getKey(), marks(system, task.getValue()));
      bar.step(task.getValue().size());
    }
    return new SystemResult(system.id(), marks.buildOrThrow());
  }

  private List<Mark> marks(Answerer system, List<Item> items) {
    return Streams.zip(items.stream(), system.answer(items).stream(), grader::mark).toList();
  }
}
