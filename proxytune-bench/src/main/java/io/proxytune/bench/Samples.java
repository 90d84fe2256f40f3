package io.proxytune.bench;

import com.google.common.math.Quantiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.IterationResult;

/**
 * Collects the {@link Figure figures} that benchmarks measure, and hands JMH the median of each
 * iteration.
 *
 * <p>The memory of a shared machine may be twice as fast as a minute ago. So what is compared is
 * measured in turns, within one invocation of one benchmark method, and a ratio is taken of
 * neighbours; the median of an iteration's ratios is its figure.
 *
 * <p>For one thread at a time. Static, since JMH makes profilers and benchmarks itself and gives
 * them nothing in common but the JVM.
 */
public final class Samples implements InternalProfiler {
  private static final Map<Figure, List<Double>> TAKEN = new LinkedHashMap<>();

  /** Called by JMH. */
  public Samples() {}

  static void add(Figure figure, double value) {
    TAKEN.computeIfAbsent(figure, f -> new ArrayList<>()).add(value);
  }

  @Override
  public String getDescription() {
    return "the figures that benchmarks report beside their time";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    TAKEN.clear();
  }

  @Override
  public List<FigureResult> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    return TAKEN.entrySet().stream()
        .map(e -> new FigureResult(e.getKey(), Quantiles.median().compute(e.getValue())))
        .toList();
  }
}
