package io.proxytune.bench;

import com.google.common.util.concurrent.Uninterruptibles;
import io.proxytune.model.LogitModel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
 * A small model's pass as a server asks for it, on other threads than the one that loaded the
 * model: beside the time that the loading thread has alone, before there are others.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class CallerThreadsBenchmark {
  private static final int PASSES = 40;

  private final Resources resources = new Resources();
  private WarmSession session;

  /** Loads the model. */
  @Setup
  public void load() {
    LogitModel model = resources.load(RandomCheckpoint.in(DataFolder.path(), ModelShape.SMALL, 1));
    session = resources.add(new WarmSession(model, 1));
  }

  /** Frees the model. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Passes on the loading thread alone, then on two others, which end with the round. */
  @Benchmark
  public void round() throws Exception {
    double alone = Stopwatch.milliseconds(this::passes);
    ExecutorService first = Executors.newSingleThreadExecutor();
    ExecutorService second = Executors.newSingleThreadExecutor();
    try {
      first.submit(session::run).get();
      double among = second.submit(() -> Stopwatch.milliseconds(this::passes)).get();
      Samples.add(Figure.of("small model, on the loading thread", "ms"), alone / PASSES);
      Samples.add(Figure.of("small model, on a third thread", "ms"), among / PASSES);
      Samples.add(Figure.ratio("third thread / loading thread").atMost(1.05), among / alone);
    } finally {
      end(first);
      end(second);
    }
  }

  private void passes() {
    for (int i = 0; i < PASSES; i++) {
      session.run();
    }
  }

  private static void end(ExecutorService thread) {
    thread.shutdown();
    Uninterruptibles.awaitTerminationUninterruptibly(thread);
  }
}
