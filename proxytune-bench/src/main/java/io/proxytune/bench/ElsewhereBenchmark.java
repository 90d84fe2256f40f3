package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Tokenizer;
import io.proxytune.core.TorchModels;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of a base that is simulated to answer after 30 ms from elsewhere, beside an expert and an
 * anti-expert here: that keep a processor busy for 12 ms each, the miniature family's, or models of
 * random weights of 768 × 12 with 32,000 ids. Without a base's 30 ms it is what the pair and all
 * else take.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
@State(Scope.Benchmark)
public class ElsewhereBenchmark {
  private static final int TOKENS = 16;
  private static final int WIDTH = 1000;
  private static final Path FAMILY = Path.of("proxytune-examples", "family");
  private static final int CONTEXT = 64;
  private static final long EXPERT_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

  /** Whether the base says that it runs elsewhere. */
  @Param({"false", "true"})
  public boolean elsewhere;

  /** Which models steer. */
  @Param({"busy", "family", "small"})
  public String pair;

  /** How long the base takes. */
  @Param({"30", "0"})
  public int baseMillis;

  private LogitModel expert;
  private LogitModel antiExpert;
  private ProxyTuner tuner;

  /** Makes the models. */
  @Setup
  public void open() {
    switch (pair) {
      case "family" -> {
        expert = TorchModels.load(FAMILY.resolve("expert"));
        antiExpert = TorchModels.load(FAMILY.resolve("small"));
      }
      case "small" -> {
        Path data = DataFolder.path();
        expert = TorchModels.load(RandomCheckpoint.in(data, ModelShape.SMALL, 2));
        antiExpert = TorchModels.load(RandomCheckpoint.in(data, ModelShape.SMALL, 3));
      }
      default -> {
        expert = busy("expert");
        antiExpert = busy("anti-expert");
      }
    }
    tuner =
        ProxyTuner.builder()
            .base(new FarModel(expert, elsewhere, baseMillis))
            .expert(expert)
            .antiExpert(antiExpert)
            .build();
  }

  /** Frees what is held. */
  @TearDown
  public void close() {
    tuner.close();
    expert.close();
    antiExpert.close();
  }

  private static LogitModel busy(String name) {
    return FunctionLogitSource.of(
        name,
        WIDTH,
        CONTEXT,
        ids -> {
          for (long end = System.nanoTime() + EXPERT_NANOS; System.nanoTime() < end; ) {
            Thread.onSpinWait();
          }
          return new float[WIDTH];
        });
  }

  /** A token. */
  @Benchmark
  @OperationsPerInvocation(TOKENS)
  public int step() {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(TOKENS).withIgnoreEndOfText(true);
    return tuner.generate(Prompt.ofIds(1, 2, 3), options).tokenIds().size();
  }

  /** A model whose passes take a while and no processor. */
  private static final class FarModel implements LogitModel {
    private final LogitModel like;
    private final boolean elsewhere;
    private final int millis;
    private final FunctionLogitSource rows;

    private FarModel(LogitModel like, boolean elsewhere, int millis) {
      this.like = like;
      this.elsewhere = elsewhere;
      this.millis = millis;
      this.rows =
          FunctionLogitSource.of("far", like.width(), CONTEXT, ids -> new float[like.width()]);
    }

    @Override
    public boolean runsElsewhere() {
      return elsewhere;
    }

    @Override
    public PendingLogits begin(List<Segment> segments) {
      CompletableFuture<Void> answer =
          new CompletableFuture<Void>().completeOnTimeout(null, millis, TimeUnit.MILLISECONDS);
      return new PendingLogits() {
        @Override
        public Logits await(BooleanSupplier givenUp) {
          answer.join();
          return rows.forward(segments);
        }

        @Override
        public void close() {
          answer.cancel(false);
        }
      };
    }

    @Override
    public Logits forward(List<Segment> segments) {
      try (PendingLogits pending = begin(segments)) {
        return pending.await(() -> false);
      }
    }

    @Override
    public String name() {
      return rows.name();
    }

    @Override
    public int width() {
      return like.width();
    }

    @Override
    public int contextLength() {
      return CONTEXT;
    }

    @Override
    public Set<Integer> endOfTextIds() {
      return Set.of();
    }

    @Override
    public Optional<Tokenizer> tokenizer() {
      return like.tokenizer();
    }

    @Override
    public LogitSession newSession(int capacity) {
      return rows.newSession(capacity);
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
