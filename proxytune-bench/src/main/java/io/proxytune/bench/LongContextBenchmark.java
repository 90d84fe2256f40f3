package io.proxytune.bench;

import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
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
 * A text of 32,000 tokens in a model of four key heads: how fast it is read, beside the arithmetic
 * of it, and what a token behind it takes, beside the bytes that it must read.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 2)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class LongContextBenchmark {
  /** As a tuner reads prompts. */
  private static final int CHUNK = 512;

  private static final int STEPS = 16;
  private static final int ROUNDS = 5;
  private static final int PRODUCTS = 24;

  /** The tokens of the text, whole chunks. */
  @Param("32256")
  public int tokens;

  private final Resources resources = new Resources();
  private LogitModel model;
  private LogitSession session;
  private LargeProduct product;
  private MemoryRead memory;

  /** Loads the model. */
  @Setup
  public void load() {
    model = resources.load(RandomCheckpoint.in(DataFolder.path(), ModelShape.LONG, 1));
    session = resources.add(model.newSession(tokens + 1));
    product = resources.add(LargeProduct.fastest(CHUNK, ModelShape.LONG));
    memory = resources.add(new MemoryRead());
  }

  /** Frees the model. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Reads the text, then goes on behind it and behind the beginning of it. */
  @Benchmark
  public void round() {
    session.truncate(0);
    double before = Stopwatch.milliseconds(this::products);
    double read = Stopwatch.milliseconds(this::text);
    double after = Stopwatch.milliseconds(this::products);
    double rate = ModelShape.LONG.prefillOperations(tokens) / read;
    double fastest = PRODUCTS * product.operations() / ((before + after) / 2);
    Samples.add(Figure.of("text read", "s"), read / 1e3);
    Samples.add(Figure.of("text read, rate", "GFLOP/s"), rate / 1e6);
    Samples.add(Figure.ratio("text read, rate / that of the fastest product"), rate / fastest);
    double behind = step(tokens, "behind the text");
    double early = step(WarmSession.POSITION, "behind 128 tokens");
    Samples.add(Figure.ratio("step behind the text / behind 128 tokens"), behind / early);
    double bytes = ModelShape.LONG.bytesPerStep(tokens);
    Samples.add(
        Figure.ratio("the same of the bytes"),
        bytes / ModelShape.LONG.bytesPerStep(WarmSession.POSITION));
  }

  private void text() {
    for (int at = 0; at < tokens; at += CHUNK) {
      boolean last = at + CHUNK == tokens;
      Segment.Rows rows = last ? Segment.Rows.LAST : Segment.Rows.NONE;
      model.forward(List.of(new Segment(session, WarmSession.ids(CHUNK), rows))).close();
    }
  }

  /** The median of some rounds, in milliseconds. */
  private double step(int position, String where) {
    long bytes = ModelShape.LONG.bytesPerStep(position);
    double[] times = new double[ROUNDS];
    memory.read();
    for (int i = 0; i < ROUNDS; i++) {
      MemoryRead.Timed timed = memory.around(() -> step(position), STEPS, bytes);
      times[i] = timed.milliseconds();
      Samples.add(Figure.of("step " + where, "ms"), timed.milliseconds());
      Samples.add(Figure.ratio("step " + where + " / bound"), timed.ratio());
    }
    Arrays.sort(times);
    return times[ROUNDS / 2];
  }

  private void step(int position) {
    session.truncate(position);
    Segment next = new Segment(session, WarmSession.ids(1), Segment.Rows.ALL);
    model.forward(List.of(next)).close();
  }

  private void products() {
    for (int i = 0; i < PRODUCTS; i++) {
      product.run();
    }
  }
}
