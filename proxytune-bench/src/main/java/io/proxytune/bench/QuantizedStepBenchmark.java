package io.proxytune.bench;

import io.proxytune.LogitSession;
import io.proxytune.LogitSource;
import io.proxytune.Logits;
import io.proxytune.Segment;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import java.nio.file.Path;
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
 * One decoding step of the base, and a check of some drafted tokens, with weights as they are
 * (bfloat16) and rounded to fewer bits. {@code -p format=int4:32,int4:128} takes others.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class QuantizedStepBenchmark {
  private static final int POSITION = 128;

  /** The format of the weights, as {@code --quantize} takes it. */
  @Param({"none", "int8", "int8+head", "int4", "int4:64+head"})
  public String format = "none";

  /** How many tokens are computed at once. */
  @Param({"1", "8"})
  public int tokens = 1;

  private LogitSource model;
  private LogitSession session;
  private List<Segment> step;

  /** Loads the model, whose file is written once, and reads a prompt. */
  @Setup
  public void load() {
    Path folder = RandomCheckpoint.in(Benchmarks.dataFolder(), ModelShape.BASE, 1);
    LoadOptions options = LoadOptions.defaults().withQuantization(Quantization.parse(format));
    model = TorchModels.load(folder, options);
    session = model.newSession(POSITION + tokens);
    model.forward(List.of(new Segment(session, ids(POSITION), Segment.Rows.NONE))).close();
    step = List.of(new Segment(session, ids(tokens), Segment.Rows.ALL));
  }

  private static int[] ids(int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> 3 + i);
    return ids;
  }

  /** Frees it. */
  @TearDown
  public void close() {
    session.close();
    model.close();
  }

  /** The pass over one token, or several. */
  @Benchmark
  public int step() {
    session.truncate(POSITION);
    try (Logits logits = model.forward(step)) {
      return logits.width();
    }
  }
}
