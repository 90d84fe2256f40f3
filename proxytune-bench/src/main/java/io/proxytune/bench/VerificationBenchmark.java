package io.proxytune.bench;

import io.proxytune.core.WeightLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A pass over eight tokens of a sequence, as when a draft is checked, beside a pass over one, in
 * turns: of the base alone, and of all three models. Weights are random.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 4)
@Measurement(iterations = 4, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class VerificationBenchmark {
  private static final int TOKENS = 8;

  private static final Figure BASE = Figure.ratio("base: 8 tokens / one").atMost(1.35);
  private static final Figure ALL = Figure.ratio("three models: 8 tokens / one").atMost(1.35);

  /** How the weights lie in memory. */
  @Param({"PACKED", "PACKED_TWICE"})
  public WeightLayout layout;

  private final Resources resources = new Resources();
  private List<WarmSession> one;
  private List<WarmSession> eight;

  /** Loads the models. */
  @Setup
  public void load() {
    RandomTrio models = RandomTrio.load(resources, layout);
    one = sessions(models, 1);
    eight = sessions(models, TOKENS);
  }

  private List<WarmSession> sessions(RandomTrio models, int tokens) {
    return List.of(
        resources.add(new WarmSession(models.base(), tokens)),
        resources.add(new WarmSession(models.expert(), tokens)),
        resources.add(new WarmSession(models.antiExpert(), tokens)));
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** A pass over one token before, over eight, and over one after. */
  @Benchmark
  public void round() {
    double[] before = milliseconds(one);
    double[] check = milliseconds(eight);
    double[] after = milliseconds(one);
    Samples.add(BASE, check[0] / ((before[0] + after[0]) / 2));
    double step = (sum(before) + sum(after)) / 2;
    Samples.add(ALL, sum(check) / step);
    Samples.add(Figure.of("three models: one token", "ms"), step);
    Samples.add(Figure.of("three models: 8 tokens", "ms"), sum(check));
  }

  private static double[] milliseconds(List<WarmSession> sessions) {
    return sessions.stream().mapToDouble(s -> Stopwatch.milliseconds(s::run)).toArray();
  }

  private static double sum(double[] times) {
    return Arrays.stream(times).sum();
  }
}
