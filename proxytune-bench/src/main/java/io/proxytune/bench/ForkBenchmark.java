package io.proxytune.bench;

import io.proxytune.core.WeightLayout;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
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
 * A step of one model over texts that have 512 tokens in common and 32 of their own, as one and its
 * forks that read those tokens where they are, and as copies, in turns. Weights are random.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 15)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ForkBenchmark {
  private static final int HEADER = 512;
  private static final int OWN = 32;
  private static final int CAPACITY = HEADER + 2 * OWN;

  /** The model's shape. */
  @Param({"SMALL", "BASE"})
  public String shape;

  /** The number of texts. */
  @Param({"2", "4", "16"})
  public int texts;

  private final Resources resources = new Resources();
  private final List<LogitSession> forks = new ArrayList<>();
  private final List<LogitSession> copies = new ArrayList<>();
  private LogitModel model;

  /** Reads the header once, and what is each text's own. */
  @Setup
  public void load() {
    ModelShape of = shape.equals("SMALL") ? ModelShape.SMALL : ModelShape.BASE;
    model = resources.load(RandomCheckpoint.in(DataFolder.path(), of, 1), WeightLayout.PACKED);
    LogitSession first = resources.add(model.newSession(CAPACITY));
    read(first, HEADER);
    for (int i = 0; i < texts; i++) {
      forks.add(i == 0 ? first : resources.add(first.fork(HEADER, CAPACITY)));
      copies.add(resources.add(first.copy(HEADER, CAPACITY)));
    }
    for (int i = 0; i < texts; i++) {
      read(forks.get(i), OWN);
      read(copies.get(i), OWN);
    }
  }

  private void read(LogitSession session, int tokens) {
    model
        .forward(List.of(new Segment(session, WarmSession.ids(tokens), Segment.Rows.NONE)))
        .close();
  }

  /** Frees all. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Copies, forks, forks, copies. */
  @Benchmark
  public void round() {
    double before = Stopwatch.milliseconds(() -> step(copies));
    double forked = Stopwatch.milliseconds(() -> step(forks));
    forked = (forked + Stopwatch.milliseconds(() -> step(forks))) / 2;
    double copied = (before + Stopwatch.milliseconds(() -> step(copies))) / 2;
    Samples.add(Figure.ratio("step of texts with 512 tokens shared / copied"), forked / copied);
    Samples.add(Figure.of("step, 512 tokens shared", "ms"), forked);
    Samples.add(Figure.of("step, 512 tokens copied", "ms"), copied);
  }

  private void step(List<LogitSession> sessions) {
    List<Segment> segments = new ArrayList<>();
    for (LogitSession session : sessions) {
      session.truncate(HEADER + OWN);
      segments.add(new Segment(session, new int[] {5 + segments.size()}, Segment.Rows.LAST));
    }
    model.forward(segments).close();
  }
}
