package io.proxytune.bench;

import java.util.Collection;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.Aggregator;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ResultRole;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

/** What was measured of a {@link Figure}, on its way from the forked JVM to the table. */
final class FigureResult extends Result<FigureResult> {
  private static final long serialVersionUID = 1L;

  private final Figure figure;

  /** The figure of one iteration. */
  FigureResult(Figure figure, double value) {
    this(figure, of(value));
  }

  private FigureResult(Figure figure, Statistics statistics) {
    super(ResultRole.SECONDARY, figure.name(), statistics, figure.unit(), AggregationPolicy.AVG);
    this.figure = figure;
  }

  Figure figure() {
    return figure;
  }

  @Override
  protected Aggregator<FigureResult> getThreadAggregator() {
    return FigureResult::together;
  }

  @Override
  protected Aggregator<FigureResult> getIterationAggregator() {
    return FigureResult::together;
  }

  private static FigureResult together(Collection<FigureResult> results) {
    double[] values = results.stream().mapToDouble(Result::getScore).toArray();
    return new FigureResult(results.iterator().next().figure, new ListStatistics(values));
  }
}
