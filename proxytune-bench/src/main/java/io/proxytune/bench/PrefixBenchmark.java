package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.core.WeightLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * The time to the first token of a prompt whose first 512 tokens were read before, by a tuner that
 * keeps them and by one that does not, in turns. A question follows that is new each time. Weights
 * are random.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class PrefixBenchmark {
  private static final int HEADER = 512;
  private static final long LIMIT_BYTES = 1L << 30;

  private static final Figure RATIO =
      Figure.ratio("first token, 512 tokens kept / read").atMost(0.1);

  /** The tokens of a question. */
  @Param({"20", "64"})
  public int question;

  private final Resources resources = new Resources();
  private ProxyTuner reading;
  private ProxyTuner keeping;
  private int round;

  /** Loads the models; the tuner that keeps has read the header. */
  @Setup
  public void load() {
    RandomTrio models = RandomTrio.load(resources, WeightLayout.PACKED);
    reading = resources.add(tuner(models, 0));
    keeping = resources.add(tuner(models, LIMIT_BYTES));
    firstToken(keeping);
  }

  private static ProxyTuner tuner(RandomTrio models, long cacheBytes) {
    return ProxyTuner.builder()
        .base(models.base())
        .expert(models.expert())
        .antiExpert(models.antiExpert())
        .prefixCache(cacheBytes)
        .build();
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Kept, read, kept. */
  @Benchmark
  public void round() {
    double before = firstToken(keeping);
    double read = firstToken(reading);
    double after = firstToken(keeping);
    double kept = (before + after) / 2;
    Samples.add(RATIO, kept / read);
    Samples.add(Figure.of("first token, 512 tokens kept", "ms"), kept);
    Samples.add(Figure.of("first token, all read", "ms"), read);
  }

  private double firstToken(ProxyTuner tuner) {
    round++;
    int[] asked = new int[question];
    Arrays.setAll(asked, i -> 600 + (31 * round + 7 * i) % 1000);
    Prompt prompt =
        Prompt.ofIds(
            IntStream.concat(Arrays.stream(WarmSession.ids(HEADER)), Arrays.stream(asked))
                .toArray());
    GenerationOptions one =
        GenerationOptions.defaults().withMaxNewTokens(1).withSpeculation(Speculation.off());
    return tuner.generate(prompt, one).stats().timeToFirstToken().toNanos() / 1e6;
  }
}
