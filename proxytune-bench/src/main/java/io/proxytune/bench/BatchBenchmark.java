package io.proxytune.bench;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Speculation;
import io.proxytune.core.WeightLayout;
import java.util.ArrayList;
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
 * Eight prompts of different lengths decoded together by the three models, beside one of them
 * alone, in turns: the tokens of all a second. The prompts' own passes do not count. Weights are
 * random.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class BatchBenchmark {
  private static final int PROMPTS = 8;
  private static final int SHORTEST = 16;
  private static final int TOKENS = 24;

  private static final Figure RATIO =
      Figure.ratio("8 prompts together / one, tokens a second").atLeast(5);

  /** How the weights lie in memory. */
  @Param({"PACKED", "PACKED_TWICE"})
  public WeightLayout layout;

  private final Resources resources = new Resources();
  private final List<Prompt> prompts = new ArrayList<>();
  private RandomTrio models;

  /** Loads the models. */
  @Setup
  public void load() {
    models = RandomTrio.load(resources, layout);
    for (int i = 0; i < PROMPTS; i++) {
      prompts.add(Prompt.ofIds(WarmSession.ids(SHORTEST + 5 * i)));
    }
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** One prompt before, all together, one prompt after. */
  @Benchmark
  public void round() {
    double before = stepMilliseconds(List.of(prompts.get(PROMPTS / 2)));
    double together = stepMilliseconds(prompts);
    double after = stepMilliseconds(List.of(prompts.get(PROMPTS / 2)));
    double one = (before + after) / 2;
    Samples.add(RATIO, PROMPTS * one / together);
    Samples.add(Figure.of("step of one prompt", "ms"), one);
    Samples.add(Figure.of("step of 8 prompts together", "ms"), together);
  }

  private double stepMilliseconds(List<Prompt> some) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSpeculation(Speculation.off())
            .withIgnoreEndOfText(true)
            .withMaxNewTokens(TOKENS);
    Generation text = models.tuner().generateAll(some, options).get(0);
    return text.stats().decode().toNanos() / 1e6 / (TOKENS - 1);
  }
}
