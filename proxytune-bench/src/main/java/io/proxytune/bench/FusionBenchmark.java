package io.proxytune.bench;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion.Space;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
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

/** One row of three models fused, as proxy-tuning does and in other ways. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class FusionBenchmark {
  private static final int VOCABULARY = 151_936;
  private static final double[] FULL = {1};

  /** What else than adding a pair of logits is done. */
  @Param({
    "pair",
    "logits",
    "log-probabilities",
    "probabilities",
    "top-p",
    "plausible",
    "common",
    "matched"
  })
  public String kind = "pair";

  private final LogitMath math = new TorchLogitMath();
  private SamplingRows rows;
  private Blend blend;

  /** Makes the rows. */
  @Setup
  public void open() {
    rows = SamplingRows.peaked(VOCABULARY);
    Term pair =
        new Term(
            source(rows.offset().expert()),
            Optional.of(source(rows.offset().antiExpert())),
            1,
            rows.offset().sharedIds());
    blend =
        new Blend(
            source(rows.base()), List.of(pair), space(), candidates(), rows.offset().sharedIds());
  }

  private static Source source(Logits logits) {
    return new Source(logits, OptionalDouble.empty());
  }

  private Space space() {
    return switch (kind) {
      case "log-probabilities" -> Space.LOG_PROBABILITIES;
      case "probabilities" -> Space.PROBABILITIES;
      default -> Space.LOGITS;
    };
  }

  private CandidateSet candidates() {
    return switch (kind) {
      case "top-p" -> CandidateSet.topP(0.9);
      case "plausible" -> CandidateSet.plausible(0.1);
      case "common" -> CandidateSet.common(5);
      default -> CandidateSet.all();
    };
  }

  /** The fused row, and where it is matched its strength alone. */
  @Benchmark
  public double fuse() {
    if (kind.equals("matched")) {
      return math.matchedStrengths(blend, 2)[0];
    }
    try (Logits fused =
        kind.equals("pair")
            ? math.fuse(rows.base(), List.of(rows.offset()), rows.offset().sharedIds())
            : math.fuse(blend, FULL)) {
      return fused.rows();
    }
  }

  /** Frees the rows. */
  @TearDown
  public void close() {
    rows.close();
  }
}
