package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import java.nio.file.Path;
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
 * One decoding step of proxy-tuning at real shapes beside the time in which the memory gives as
 * many bytes: the whole step as an application sees it, and models alone. Weights are random: the
 * cost of a step does not depend on them. The steps and reads of the memory take turns.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 5, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ThreeModelStepBenchmark {
  private static final int STEPS = 256;
  private static final long BASE_BYTES = ModelShape.BASE.bytesPerStep(WarmSession.POSITION);
  private static final long SMALL_BYTES = ModelShape.SMALL.bytesPerStep(WarmSession.POSITION);

  private final List<AutoCloseable> open = new ArrayList<>();
  private MemoryRead memory;
  private WarmSession base;
  private WarmSession small;
  private EndlessStream stream;

  /** Loads the models; their files are written once. */
  @Setup
  public void load() {
    Path data = DataFolder.path();
    LogitSource baseModel = load(RandomCheckpoint.in(data, ModelShape.BASE, 1));
    LogitSource expert = load(RandomCheckpoint.in(data, ModelShape.SMALL, 2));
    LogitSource antiExpert = load(RandomCheckpoint.in(data, ModelShape.SMALL, 3));
    ProxyTuner tuner =
        opened(ProxyTuner.builder().base(baseModel).expert(expert).antiExpert(antiExpert).build());
    memory = opened(new MemoryRead());
    base = opened(new WarmSession(baseModel, 1));
    small = opened(new WarmSession(expert, 1));
    Prompt prompt = Prompt.ofIds(WarmSession.ids(WarmSession.POSITION));
    stream = opened(new EndlessStream(tuner, prompt, GenerationOptions.defaults(), STEPS));
  }

  private LogitSource load(Path folder) {
    return opened(TorchModels.load(folder));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(0, resource);
    return resource;
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    for (AutoCloseable resource : open) {
      resource.close();
    }
  }

  /** Each step once, with reads of the memory around it. */
  @Benchmark
  public void round() {
    stream.prepare();
    memory.read();
    Samples.add(Figure.of("memory", "GB/s"), memory.gigabytesPerSecond());
    MemoryRead.Timed step = memory.around(stream::step, BASE_BYTES + 2 * SMALL_BYTES);
    Samples.add(Figure.of("three-model step", "ms"), step.milliseconds());
    Samples.add(Figure.ratio("three-model step / bound").atMost(1.10), step.ratio());
    MemoryRead.Timed alone = memory.around(base::run, BASE_BYTES);
    Samples.add(Figure.of("base alone", "ms"), alone.milliseconds());
    Samples.add(Figure.ratio("base alone / bound"), alone.ratio());
    MemoryRead.Timed little = memory.around(small::run, SMALL_BYTES);
    Samples.add(Figure.of("small model alone", "ms"), little.milliseconds());
    Samples.add(Figure.ratio("small model alone / bound").atMost(1.5), little.ratio());
  }
}
