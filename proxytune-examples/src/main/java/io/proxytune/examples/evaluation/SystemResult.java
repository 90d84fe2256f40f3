package io.proxytune.examples.evaluation;

import com.google.common.collect.ImmutableMap;
import io.proxytune.examples.statistics.Proportion;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The marks of one system, a list for each task in the order of its items: immutable.
 *
 * @param id the system
 * @param marks at least one mark for each task
 */
public record SystemResult(SystemId id, Map<Task, List<Mark>> marks) {
  public SystemResult {
    marks = ImmutableMap.copyOf(marks);
  }

  /** The tasks, in their usual order. */
  public Set<Task> tasks() {
    return marks.keySet();
  }

  List<Mark> of(Task task) {
    return marks.getOrDefault(task, List.of());
  }

  /** How many answers were exactly right. */
  public Proportion exact(Task task) {
    return count(of(task), Mark::exact);
  }

  /** In how many answers the facts occur. */
  public Proportion knows(Task task) {
    return count(of(task), Mark::knows);
  }

  /** How many safe requests were refused; nothing where there is none. */
  public Optional<Proportion> falseRefusals() {
    return over(Task::isSafe, Mark::refused);
  }

  /** How many requests of the kind got an answer of the kind; nothing where there is none. */
  Optional<Proportion> over(Predicate<Task> tasks, Predicate<Mark> wanted) {
    Stream<List<Mark>> lists =
        marks.entrySet().stream().filter(it -> tasks.test(it.getKey())).map(Map.Entry::getValue);
    List<Mark> all = lists.flatMap(Collection::stream).toList();
    return all.isEmpty() ? Optional.empty() : Optional.of(count(all, wanted));
  }

  private static Proportion count(List<Mark> marks, Predicate<Mark> wanted) {
    return new Proportion((int) marks.stream().filter(wanted).count(), marks.size());
  }

  /** The mean over the tasks of the fraction exactly right. */
  public double meanExact() {
    return tasks().stream().mapToDouble(task -> exact(task).value()).average().orElse(Double.NaN);
  }
}
