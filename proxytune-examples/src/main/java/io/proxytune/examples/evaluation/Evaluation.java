package io.proxytune.examples.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
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
  private final ItemsJson answers = new ItemsJson();

  public Evaluation(ItemSet set, WorkBar bar) {
    this.set = set;
    this.grader = Grader.of(set);
    this.bar = bar;
  }

  /** The marks of a system, which stays open. */
  public SystemResult of(Answerer system) {
    return of(system, system.id().id());
  }

  /**
   * The same under another name than the system's.
   *
   * @param name how the answers are told from others
   */
  SystemResult of(Answerer system, String name) {
    ImmutableMap.Builder<Task, List<Mark>> marks = ImmutableMap.builder();
    for (Map.Entry<Task, List<Item>> task : set.byTask().entrySet()) {
      bar.about(system.id().title() + ", " + task.getKey().id());
      marks.put(task.getKey(), marks(system, name, task.getValue()));
      bar.step(task.getValue().size());
    }
    return new SystemResult(system.id(), marks.buildOrThrow());
  }

  private List<Mark> marks(Answerer system, String name, List<Item> items) {
    return Streams.zip(
            items.stream(),
            system.answer(items).stream(),
            (item, reply) -> {
              Mark mark = grader.mark(item, reply);
              answers.add(name, item, reply, mark);
              return mark;
            })
        .toList();
  }

  /** All that was asked and answered, for programs. */
  ArrayNode items() {
    return answers.json();
  }
}
