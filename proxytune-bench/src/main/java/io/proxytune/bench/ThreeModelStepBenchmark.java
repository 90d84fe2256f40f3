package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSession;
import io.proxytune.LogitSource;
import io.proxytune.Logits;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Segment;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.TorchModels;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One decoding step of proxy-tuning at real shapes: each model alone, fusion with sampling, and the
 * whole. Weights are random: the cost of a step does not depend on them.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ThreeModelStepBenchmark {
  /** Tokens before the measured step. */
  static final int POSITION = 128;

  /** A model with a prompt read, to run one step on again and again. */
  private static final class Warm implements AutoCloseable {
    private final LogitSource model;
    private final LogitSession session;
    private final List<Segment> step;

    Warm(LogitSource model) {
      this.model = model;
      this.session = model.newSession(POSITION + 1);
      model.forward(List.of(new Segment(session, prompt(), Segment.Rows.NONE))).close();
      this.step = List.of(new Segment(session, new int[] {7}, Segment.Rows.LAST));
    }

    Logits step() {
      session.truncate(POSITION);
      return model.forward(step);
    }

    @Override
    public void close() {
      session.close();
      model.close();
    }
  }

  private Warm base;
  private Warm expert;
  private Warm antiExpert;

  private LogitMath math;
  private Logits baseRow;
  private List<Offset> offsets;
  private IdRange ids;
  private SamplerState greedy;
  private SamplerState topP;

  private ProxyTuner tuner;
  private TokenStream stream;
  private Iterator<Token> tokens;

  private static int[] prompt() {
    int[] ids = new int[POSITION];
    Arrays.setAll(ids, i -> 3 + i);
    return ids;
  }

  /** Loads the models; their files are written once. */
  @Setup
  public void load() {
    Path folder = DataFolder.path();
    base = new Warm(TorchModels.load(RandomCheckpoint.in(folder, ModelShape.BASE, 1)));
    expert = new Warm(TorchModels.load(RandomCheckpoint.in(folder, ModelShape.SMALL, 2)));
    antiExpert = new Warm(TorchModels.load(RandomCheckpoint.in(folder, ModelShape.SMALL, 3)));
    prepareSampling();
    tuner =
        ProxyTuner.builder()
            .base(base.model)
            .expert(expert.model)
            .antiExpert(antiExpert.model)
            .build();
  }

  private void prepareSampling() {
    math = new TorchLogitMath();
    ids = IdRange.below(ModelShape.BASE.vocabulary());
    baseRow = base.step();
    offsets = List.of(new Offset(expert.step(), antiExpert.step(), 1, ids));
    greedy = math.newState(plan(Sampler.greedy()), prompt());
    topP = math.newState(plan(Sampler.topP(0.9).withTemperature(0.7)), prompt());
  }

  private static SamplingPlan plan(Sampler sampler) {
    return new SamplingPlan(
        sampler,
        42,
        GenerationOptions.defaults().penalties(),
        Map.of(),
        Set.of(),
        List.of(),
        0,
        Set.of());
  }

  /** A fresh stream an iteration, its prompt read and its first token out. */
  @Setup(Level.Iteration)
  public void openStream() {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(1800).withIgnoreEndOfText(true);
    stream = tuner.stream(Prompt.ofIds(prompt()), options);
    tokens = stream.iterator();
    tokens.next();
  }

  /** Ends the iteration's stream. */
  @TearDown(Level.Iteration)
  public void closeStream() {
    stream.close();
  }

  /** Frees the models. */
  @TearDown
  public void close() {
    greedy.close();
    topP.close();
    baseRow.close();
    offsets.get(0).expert().close();
    offsets.get(0).antiExpert().close();
    tuner.close();
    base.close();
    expert.close();
    antiExpert.close();
  }

  /** The base's forward pass of one token. */
  @Benchmark
  public int baseAlone() {
    return widthOf(base);
  }

  /** The expert's forward pass of one token. */
  @Benchmark
  public int expertAlone() {
    return widthOf(expert);
  }

  /** The anti-expert's forward pass of one token. */
  @Benchmark
  public int antiExpertAlone() {
    return widthOf(antiExpert);
  }

  private static int widthOf(Warm model) {
    try (Logits logits = model.step()) {
      return logits.width();
    }
  }

  /** Fusion of three rows and the greedy pick. */
  @Benchmark
  public int fusionAndGreedy() {
    return fuseAndPick(greedy);
  }

  /** Fusion of three rows and a draw from the nucleus. */
  @Benchmark
  public int fusionAndTopP() {
    return fuseAndPick(topP);
  }

  private int fuseAndPick(SamplerState state) {
    try (Logits fused = math.fuse(baseRow, offsets, ids)) {
      return math.pick(fused, List.of(state))[0];
    }
  }

  /** One token of a greedy stream: everything an application waits for. */
  @Benchmark
  public int wholeStep() {
    return tokens.next().id();
  }
}
