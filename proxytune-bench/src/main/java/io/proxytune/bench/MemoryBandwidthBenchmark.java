package io.proxytune.bench;

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
 * Reads as many bytes as a three-model step does, with a sum over float32. Other benchmarks read
 * {@link MemoryRead#BYTES} between their steps instead, which takes less time; here both take
 * turns, to see how the speeds compare.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class MemoryBandwidthBenchmark {
  private final Resources resources = new Resources();
  private MemoryRead step;
  private MemoryRead sample;

  /** Allocates and touches the memory. */
  @Setup
  public void allocate() {
    step = resources.add(new MemoryRead(ThreeModelStepBenchmark.STEP_BYTES / 4 * 4));
    sample = resources.add(new MemoryRead());
  }

  /** Frees it. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Reads both once. */
  @Benchmark
  public void round() {
    step.read();
    sample.read();
    Samples.add(Figure.of("as many bytes as a three-model step", "ms"), step.milliseconds());
    Samples.add(Figure.of("memory, so many bytes", "GB/s"), step.gigabytesPerSecond());
    Samples.add(Figure.of("memory, 1 GiB", "GB/s"), sample.gigabytesPerSecond());
    Samples.add(
        Figure.ratio("1 GiB / so many bytes, speed"),
        sample.gigabytesPerSecond() / step.gigabytesPerSecond());
  }
}
