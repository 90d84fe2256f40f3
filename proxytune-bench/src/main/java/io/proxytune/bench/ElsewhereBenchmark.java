package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Tokenizer;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
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
 * A step of a base that is simulated to answer after 30 ms from elsewhere, with an expert and an
 * anti-expert that keep a processor here busy for 12 ms each: in turn, and begun first.
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
  private static final int CONTEXT = 64;
  private static final long BASE_MILLIS = 30;
  private static final long EXPERT_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

  /** Whether the base says that it runs elsewhere. */
  @Param({"false", "true"})
  public boolean elsewhere;

  private ProxyTuner tuner;

  /** Makes the models. */
  @Setup
  public void open() {
    tuner =
        ProxyTuner.builder()
            .base(new FarModel(elsewhere))
            .expert(busy("expert"))
            .antiExpert(busy("anti-expert"))
            .build();
  }

  /** Frees what is held. */
  @TearDown
  public void close() {
    tuner.close();
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
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(TOKENS);
    return tuner.generate(Prompt.ofIds(1, 2, 3), options).tokenIds().size();
  }

  /** A model whose passes take a while and no processor. */
  private static final class FarModel implements LogitModel {
    private final boolean elsewhere;
    private final FunctionLogitSource rows =
        FunctionLogitSource.of("far", WIDTH, CONTEXT, ids -> new float[WIDTH]);

    private FarModel(boolean elsewhere) {
      this.elsewhere = elsewhere;
    }

    @Override
    public boolean runsElsewhere() {
      return elsewhere;
    }

    @Override
    public PendingLogits begin(List<Segment> segments) {
      CompletableFuture<Void> answer =
          new CompletableFuture<Void>().completeOnTimeout(null, BASE_MILLIS, TimeUnit.MILLISECONDS);
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
      return WIDTH;
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
      return Optional.empty();
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
