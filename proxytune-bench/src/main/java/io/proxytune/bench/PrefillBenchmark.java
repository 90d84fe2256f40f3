package io.proxytune.bench;

import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
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
 * The base reads a prompt of 512 tokens; how fast it computes beside one large product of its MLP's
 * shape over as many tokens, the fastest that the processor has in any {@linkplain LargeProduct
 * format}. The product runs before and after the prompt.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 3, time = 12)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class PrefillBenchmark {
  private static final int TOKENS = 512;
  private static final int PRODUCTS = 12;

  private static final Figure RATIO =
      Figure.ratio("512 tokens, rate / that of the fastest product").atLeast(0.8);

  private final Resources resources = new Resources();
  private LogitModel base;
  private LargeProduct product;
  private Segment prompt;

  /** Loads the model. */
  @Setup
  public void load() {
    base = resources.load(RandomCheckpoint.in(DataFolder.path(), ModelShape.BASE, 1));
    LogitSession session = resources.add(base.newSession(TOKENS));
    prompt = new Segment(session, WarmSession.ids(TOKENS), Segment.Rows.LAST);
    product = resources.add(LargeProduct.fastest(TOKENS, ModelShape.BASE));
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Products, the prompt, products. */
  @Benchmark
  public void round() {
    double before = Stopwatch.milliseconds(this::products);
    double read = Stopwatch.milliseconds(this::prefill);
    double after = Stopwatch.milliseconds(this::products);
    double prefillRate = ModelShape.BASE.prefillOperations(TOKENS) / read;
    double productRate = PRODUCTS * product.operations() / ((before + after) / 2);
    Samples.add(RATIO, prefillRate / productRate);
    Samples.add(Figure.of("512 tokens", "ms"), read);
    Samples.add(Figure.of("512 tokens, rate", "GFLOP/s"), prefillRate / 1e6);
    Samples.add(
        Figure.of("fastest product, " + product.format() + ", rate", "GFLOP/s"), productRate / 1e6);
  }

  private void prefill() {
    prompt.session().truncate(0);
    base.forward(List.of(prompt)).close();
  }

  private void products() {
    for (int i = 0; i < PRODUCTS; i++) {
      product.run();
    }
  }
}
