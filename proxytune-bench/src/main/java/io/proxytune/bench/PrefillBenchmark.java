package io.proxytune.bench;

import io.proxytune.core.torch.ComputeThread;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
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
 * The base reads a prompt of 512 tokens; how fast it computes beside one large bfloat16 {@code
 * linear} of its MLP's shape over as many tokens. The linear runs before and after the prompt.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 3, time = 12)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class PrefillBenchmark {
  private static final int TOKENS = 512;
  private static final int LINEARS = 12;

  private static final Figure RATIO =
      Figure.ratio("512 tokens, rate / that of a linear").atLeast(0.8);

  private final Resources resources = new Resources();
  private LogitModel base;
  private Tensor input;
  private Tensor weight;
  private Segment prompt;

  /** Loads the model. */
  @Setup
  public void load() {
    base = resources.load(RandomCheckpoint.in(DataFolder.path(), ModelShape.BASE, 1));
    LogitSession session = resources.add(base.newSession(TOKENS));
    prompt = new Segment(session, WarmSession.ids(TOKENS), Segment.Rows.LAST);
    input = ComputeThread.inScope(() -> kept(TOKENS));
    weight = ComputeThread.inScope(() -> kept(ModelShape.BASE.intermediate()));
  }

  private Tensor kept(int rows) {
    TensorOptions bfloat16 = new TensorOptions(ScalarType.BFloat16);
    Tensor tensor = torch.randn(new long[] {rows, ModelShape.BASE.hidden()}, bfloat16);
    return resources.add(tensor.retainReference());
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Linears, the prompt, linears. */
  @Benchmark
  public void round() {
    double before = Stopwatch.milliseconds(this::linears);
    double read = Stopwatch.milliseconds(this::prefill);
    double after = Stopwatch.milliseconds(this::linears);
    double prefillRate = ModelShape.BASE.prefillOperations(TOKENS) / read;
    double linearRate = LINEARS * linearOperations() / ((before + after) / 2);
    Samples.add(RATIO, prefillRate / linearRate);
    Samples.add(Figure.of("512 tokens", "ms"), read);
    Samples.add(Figure.of("512 tokens, rate", "GFLOP/s"), prefillRate / 1e6);
    Samples.add(Figure.of("linear, rate", "GFLOP/s"), linearRate / 1e6);
  }

  private void prefill() {
    prompt.session().truncate(0);
    base.forward(List.of(prompt)).close();
  }

  private void linears() {
    ComputeThread.inScope(this::lastOfLinears);
  }

  private long lastOfLinears() {
    long columns = 0;
    for (int i = 0; i < LINEARS; i++) {
      try (Tensor result = torch.linear(input, weight)) {
        columns = result.size(1);
      }
    }
    return columns;
  }

  private static double linearOperations() {
    return 2.0 * TOKENS * ModelShape.BASE.hidden() * ModelShape.BASE.intermediate();
  }
}
