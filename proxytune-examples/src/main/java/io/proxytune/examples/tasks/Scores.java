package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.statistics.Proportion;
import java.util.List;
import java.util.Optional;

/**
 * What a benchmark says of a system's answers. For one thread until it is complete.
 *
 * <p>Metrics have the names and units of the published ones. One that needs a judge, or code to be
 * run, is null where there was none, and {@link #gap} says why.
 */
public final class Scores {
  private final List<Mark> marks;
  private final ObjectNode metrics = JsonNodeFactory.instance.objectNode();
  private Optional<Proportion> proportion = Optional.empty();
  private String gap = "";
  private String note = "";

  Scores(List<Mark> marks) {
    this.marks = List.copyOf(marks);
  }

  Scores metric(String name, double value) {
    if (Double.isFinite(value)) {
      metrics.put(name, value);
    } else {
      metrics.putNull(name);
    }
    return this;
  }

  Scores count(String name, int value) {
    metrics.put(name, value);
    return this;
  }

  /** The first metric as so many of so many, for an interval. */
  Scores of(Proportion figure) {
    this.proportion = Optional.of(figure);
    return this;
  }

  /** A metric that could not be had. */
  Scores missing(String name, String why) {
    metrics.putNull(name);
    gap = why;
    return this;
  }

  /** What a reader of the metrics has to know. */
  Scores note(String text) {
    note = text;
    return this;
  }

  /** Each answer's mark, in the order of the items. */
  public List<Mark> marks() {
    return marks;
  }

  /** The metrics by name, the benchmark's own first; nobody changes them. */
  public ObjectNode metrics() {
    return metrics;
  }

  /** The first metric as so many of so many. */
  public Optional<Proportion> proportion() {
    return proportion;
  }

  /** Why a metric is missing; empty where none is. */
  public String gap() {
    return gap;
  }

  /** What a reader of the metrics has to know; empty if nothing. */
  public String note() {
    return note;
  }

  /** How many texts came with what somebody else read out of them. */
  public int published() {
    return marks.stream().mapToInt(Mark::published).sum();
  }

  /** How many of these read the same here. */
  public int agreeing() {
    return marks.stream().mapToInt(Mark::agreeing).sum();
  }

  /** Marks that are right or wrong, as a metric of that name. */
  static Scores accuracy(String name, List<Mark> marks) {
    int right = right(marks);
    return new Scores(marks)
        .metric(name, (double) right / marks.size())
        .of(new Proportion(right, marks.size()));
  }

  static int right(List<Mark> marks) {
    return (int) marks.stream().filter(mark -> mark.correct().orElse(false)).count();
  }
}
