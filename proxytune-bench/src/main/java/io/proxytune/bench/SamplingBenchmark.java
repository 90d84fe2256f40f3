package io.proxytune.bench;

import com.google.common.math.Quantiles;
import io.proxytune.GenerationOptions;
import io.proxytune.Sampler;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Fusion of three rows and the pick of a token, as shares of a three-model step at a vocabulary of
 * 32,000; at larger ones the step itself is longer, so that the true shares are smaller. They take
 * turns with the step. Each pick is run three times and the median counts: rows come warm from the
 * models.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 4, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class SamplingBenchmark {
  private static final int STEPS = 256;
  private static final int REPETITIONS = 3;

  /** The vocabularies of Llama 2, Llama 3 and Qwen 2. */
  private static final List<Integer> VOCABULARIES = List.of(32_000, 128_256, 151_936);

  private final Resources resources = new Resources();
  private final List<SamplingCase> cases = new ArrayList<>();
  private EndlessStream stream;

  /** Loads the models and makes the rows. */
  @Setup
  public void load() {
    RandomTrio models = RandomTrio.load(resources, WeightLayout.PACKED);
    stream = models.stream(resources, GenerationOptions.defaults(), STEPS);
    LogitMath math = new TorchLogitMath();
    for (int vocabulary : VOCABULARIES) {
      for (SamplingRows rows :
          List.of(SamplingRows.flat(vocabulary), SamplingRows.peaked(vocabulary))) {
        resources.add(rows);
        add(math, rows, "greedy", Sampler.greedy(), true);
        add(math, rows, "top-p 0.9 at 0.7", Sampler.topP(0.9).withTemperature(0.7), true);
        add(math, rows, "top-k 50", Sampler.topK(50), false);
        add(math, rows, "min-p 0.05", Sampler.minP(0.05), false);
      }
    }
  }

  private void add(
      LogitMath math, SamplingRows rows, String name, Sampler sampler, boolean wanted) {
    Figure share = Figure.of(name + ", " + rows.name() + ": share of a step", "%");
    cases.add(
        resources.add(
            new SamplingCase(math, rows, sampler, wanted ? limited(share, rows) : share)));
  }

  private static Figure limited(Figure share, SamplingRows rows) {
    return switch (rows.vocabulary()) {
      case 32_000 -> share.atMost(1);
      case 151_936 -> share.atMost(3);
      default -> share;
    };
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** A step, then each pick. */
  @Benchmark
  public void round() {
    stream.prepare();
    double step = Stopwatch.milliseconds(stream::step);
    Samples.add(Figure.of("three-model step", "ms"), step);
    for (SamplingCase some : cases) {
      double[] times = new double[REPETITIONS];
      for (int i = 0; i < REPETITIONS; i++) {
        times[i] = Stopwatch.milliseconds(some::pick);
      }
      Samples.add(some.share(), 100 * Quantiles.median().compute(times) / step);
    }
  }
}
