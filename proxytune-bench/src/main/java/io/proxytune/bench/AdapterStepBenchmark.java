package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.checkpoint.AdapterFolder;
import java.nio.file.Path;
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
 * A step whose expert is an adapter on the anti-expert, so that the small weights are read once,
 * beside the memory's time for what it must read, and beside the step of separate small models.
 * They take turns, as in {@link ThreeModelStepBenchmark}; the models are those of {@link
 * WidenedFamily}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 5, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class AdapterStepBenchmark {
  private static final int PROMPT = 8;
  private static final int STEPS = 112;

  /** In a row, as decoding takes them; a text is of whole rows. */
  private static final int ROW = 4;

  private static final int MEAN_POSITION = PROMPT + STEPS / 2;
  private static final long BFLOAT16 = 2;

  private static final Figure STEP = Figure.ratio("adapter step / bound").atMost(1.10);

  /** How the weights lie in memory. */
  @Param({"PACKED", "PACKED_TWICE"})
  public WeightLayout layout;

  private final Resources resources = new Resources();
  private MemoryRead memory;
  private EndlessStream adapted;
  private EndlessStream separate;
  private long bytes;

  /** Loads the models. */
  @Setup
  public void load() {
    WidenedFamily family = WidenedFamily.in(DataFolder.path());
    LogitSource base = resources.load(family.base(), layout);
    LogitSource expert = resources.load(family.expert(), layout);
    LogitSource antiExpert = resources.load(family.antiExpert(), layout);
    LogitSource adapter = resources.add(TorchModels.loadAdapter(antiExpert, family.adapter()));
    memory = resources.add(new MemoryRead());
    adapted = stream(base, adapter, antiExpert);
    separate = stream(base, expert, antiExpert);
    bytes =
        ModelShape.BASE.bytesPerStep(MEAN_POSITION)
            + ModelShape.FAMILY_SMALL.bytesPerStep(MEAN_POSITION)
            + ModelShape.FAMILY_SMALL.cachedBytes(MEAN_POSITION) // the other role's
            + adapterBytes(family.adapter());
  }

  private EndlessStream stream(LogitSource base, LogitSource expert, LogitSource antiExpert) {
    ProxyTuner tuner =
        resources.add(
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build());
    Prompt prompt = Prompt.ofIds(WarmSession.ids(PROMPT));
    return resources.add(new EndlessStream(tuner, prompt, GenerationOptions.defaults(), STEPS));
  }

  private static long adapterBytes(Path adapter) {
    return AdapterFolder.open(adapter).pairs().values().stream()
        .mapToLong(pair -> BFLOAT16 * (pair.a().elements() + pair.b().elements()))
        .sum();
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** A row of each kind of step, with reads of the memory around the first. */
  @Benchmark
  public void round() {
    adapted.prepare();
    separate.prepare();
    memory.read();
    MemoryRead.Timed step = memory.around(adapted::step, ROW, bytes);
    Samples.add(Figure.of("adapter step", "ms"), step.milliseconds());
    Samples.add(Figure.of("adapter step, first of a row", "ms"), step.first());
    Samples.add(STEP, step.ratio());
    double other = memory.around(separate::step, ROW, bytes).milliseconds();
    Samples.add(Figure.of("step of separate models", "ms"), other);
    Samples.add(
        Figure.ratio("adapter step / step of separate models"), step.milliseconds() / other);
  }
}
