package io.proxytune.bench;

import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
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
 * One decoding step of the base and of a small model, and the base's check of eight drafted tokens,
 * with weights rounded to fewer bits beside the same with weights as they are, in turns. Weights
 * are random. {@code -p format=int4:32,int4:128} takes other formats.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 4)
@Measurement(iterations = 4, time = 5)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class QuantizedStepBenchmark {
  private static final int TOKENS = 8;

  /** The format of the weights, as {@code --quantize} takes it. */
  @Param({"int8+head", "int4:64+head"})
  public String format;

  private final Resources resources = new Resources();
  private WarmSession plainOne;
  private WarmSession plainEight;
  private WarmSession roundedOne;
  private WarmSession roundedEight;
  private WarmSession plainSmall;
  private WarmSession roundedSmall;

  /** Loads a base and a small model, each twice. */
  @Setup
  public void load() {
    Path folder = RandomCheckpoint.in(DataFolder.path(), ModelShape.BASE, 1);
    LogitModel plain = resources.load(folder);
    LogitModel rounded = rounded(folder);
    Path smallFolder = RandomCheckpoint.in(DataFolder.path(), ModelShape.SMALL, 1);
    plainSmall = resources.add(new WarmSession(resources.load(smallFolder), 1));
    roundedSmall = resources.add(new WarmSession(rounded(smallFolder), 1));
    plainOne = resources.add(new WarmSession(plain, 1));
    plainEight = resources.add(new WarmSession(plain, TOKENS));
    roundedOne = resources.add(new WarmSession(rounded, 1));
    roundedEight = resources.add(new WarmSession(rounded, TOKENS));
  }

  private LogitModel rounded(Path folder) {
    LoadOptions options = LoadOptions.defaults().withQuantization(Quantization.parse(format));
    return resources.add(TorchModels.load(folder, options));
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** One token and eight of the base, and one of the small model, as they are and rounded. */
  @Benchmark
  public void round() {
    compare("one token", plainOne, roundedOne);
    compare("8 tokens", plainEight, roundedEight);
    compare("small model, one token", plainSmall, roundedSmall);
  }

  private static void compare(String what, WarmSession plain, WarmSession rounded) {
    double before = Stopwatch.milliseconds(plain::run);
    double own = Stopwatch.milliseconds(rounded::run);
    double after = Stopwatch.milliseconds(plain::run);
    Samples.add(Figure.of(what + ", rounded", "ms"), own);
    Samples.add(Figure.of(what + ", bfloat16", "ms"), (before + after) / 2);
    Samples.add(Figure.ratio(what + ": rounded / bfloat16"), own / ((before + after) / 2));
  }
}
