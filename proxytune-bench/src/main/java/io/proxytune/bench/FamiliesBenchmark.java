package io.proxytune.bench;

import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.core.WeightLayout;
import io.proxytune.model.LogitModel;
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
 * A decoding step of bases that are unlike Llama, beside the time in which the memory gives the
 * bytes that it must read. Weights are random; the steps and reads of the memory take turns.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 5, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class FamiliesBenchmark {
  private static final int ROW = 4;
  private static final Figure STEP = Figure.ratio("step / bound").atMost(1.3);

  /** Which family. */
  @Param({"QWEN2", "GEMMA2", "MIXTRAL", "GPT_NEOX"})
  public FamilyShape family;

  /** Of weights and passes. */
  @Param({"BFLOAT16", "FLOAT32"})
  public DType dtype;

  /** How bfloat16 weights lie in memory. */
  @Param({"PACKED", "PACKED_TWICE"})
  public WeightLayout layout;

  private final Resources resources = new Resources();
  private MemoryRead memory;
  private WarmSession session;
  private long bytes;

  /** Loads the model. */
  @Setup
  public void load() {
    Path folder = family.in(DataFolder.path());
    LoadOptions options = LoadOptions.defaults().withDType(dtype).withLayout(layout);
    LogitModel model = resources.add(TorchModels.load(folder, options));
    memory = resources.add(new MemoryRead());
    session = resources.add(new WarmSession(model, 1));
    int each = dtype == DType.FLOAT32 ? Float.BYTES : Short.BYTES;
    bytes = FamilyShape.bytesPerStep(folder, each, WarmSession.POSITION);
  }

  /** Frees the model. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** A row of steps, with reads of the memory around it. */
  @Benchmark
  public void round() {
    memory.read();
    Samples.add(Figure.of("memory", "GB/s"), memory.gigabytesPerSecond());
    MemoryRead.Timed step = memory.around(session::run, ROW, bytes);
    Samples.add(Figure.of("step", "ms"), step.milliseconds());
    Samples.add(STEP, step.ratio());
  }
}
