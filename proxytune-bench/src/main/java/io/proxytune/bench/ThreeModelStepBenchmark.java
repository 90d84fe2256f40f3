package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.core.WeightLayout;
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
 * One decoding step of proxy-tuning at real shapes beside the time in which the memory gives as
 * many bytes: the whole step as an application sees it, and models alone. Weights are random: the
 * cost of a step does not depend on them. The steps and reads of the memory take turns, and a ratio
 * is one of a step and the reads just before and after it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 5, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ThreeModelStepBenchmark {
  private static final int STEPS = 256;

  /** In a row, as decoding takes them; a text is of whole rows. */
  private static final int ROW = 4;

  private static final int SMALL_ROW = 24;
  private static final long BASE_BYTES = ModelShape.BASE.bytesPerStep(WarmSession.POSITION);
  private static final long SMALL_BYTES = ModelShape.SMALL.bytesPerStep(WarmSession.POSITION);

  /** Of the whole step, at the mean position of its stream. */
  static final long STEP_BYTES =
      ModelShape.BASE.bytesPerStep(WarmSession.POSITION + STEPS / 2)
          + 2 * ModelShape.SMALL.bytesPerStep(WarmSession.POSITION + STEPS / 2);

  private static final Figure STEP = Figure.ratio("three-model step / bound").atMost(1.10);
  private static final Figure SMALL = Figure.ratio("small model alone / bound").atMost(1.5);

  /** How the weights lie in memory. */
  @Param({"PACKED", "PACKED_TWICE"})
  public WeightLayout layout;

  private final Resources resources = new Resources();
  private MemoryRead memory;
  private WarmSession base;
  private WarmSession small;
  private EndlessStream stream;

  /** Loads the models. */
  @Setup
  public void load() {
    RandomTrio models = RandomTrio.load(resources, layout);
    memory = resources.add(new MemoryRead());
    base = resources.add(new WarmSession(models.base(), 1));
    small = resources.add(new WarmSession(models.expert(), 1));
    stream = models.stream(resources, GenerationOptions.defaults(), STEPS);
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** A row of each kind of step, with reads of the memory around it. */
  @Benchmark
  public void round() {
    stream.prepare();
    memory.read();
    Samples.add(Figure.of("memory", "GB/s"), memory.gigabytesPerSecond());
    MemoryRead.Timed step = memory.around(stream::step, ROW, STEP_BYTES);
    Samples.add(Figure.of("three-model step", "ms"), step.milliseconds());
    Samples.add(Figure.of("three-model step, first of a row", "ms"), step.first());
    Samples.add(STEP, step.ratio());
    MemoryRead.Timed alone = memory.around(base::run, ROW, BASE_BYTES);
    Samples.add(Figure.of("base alone", "ms"), alone.milliseconds());
    Samples.add(Figure.ratio("base alone / bound"), alone.ratio());
    MemoryRead.Timed little = memory.around(small::run, SMALL_ROW, SMALL_BYTES);
    Samples.add(Figure.of("small model alone", "ms"), little.milliseconds());
    Samples.add(Figure.of("small model alone, first of a row", "ms"), little.first());
    Samples.add(SMALL, little.ratio());
  }
}
