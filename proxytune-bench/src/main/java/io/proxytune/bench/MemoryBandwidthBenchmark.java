package io.proxytune.bench;

import io.proxytune.core.torch.TorchScope;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
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
 * Reads as many bytes as a three-model step does, as fast as the machine can: the bound that
 * decoding is compared with. A sum over float32 does little but read.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class MemoryBandwidthBenchmark {
  /** The bytes of the weights and caches of the base and two small models. */
  static final long BYTES =
      ModelShape.BASE.bytesPerStep(ThreeModelStepBenchmark.POSITION)
          + 2 * ModelShape.SMALL.bytesPerStep(ThreeModelStepBenchmark.POSITION);

  private Tensor values;

  /** Allocates and touches the memory. */
  @Setup
  public void allocate() {
    try (TorchScope scope = TorchScope.open()) {
      values = torch.ones(new long[] {BYTES / 4}, new TensorOptions(torch.ScalarType.Float));
      values.retainReference();
    }
  }

  /** Frees it. */
  @TearDown
  public void free() {
    values.close();
  }

  /** Reads every byte once. */
  @Benchmark
  public float read() {
    try (TorchScope scope = TorchScope.open()) {
      return values.sum().item_float();
    }
  }
}
