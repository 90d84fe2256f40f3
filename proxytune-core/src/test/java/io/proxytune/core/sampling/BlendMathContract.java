package io.proxytune.core.sampling;

import static io.proxytune.Fusion.Space.LOGITS;
import static io.proxytune.Fusion.Space.LOG_PROBABILITIES;
import static io.proxytune.Fusion.Space.PROBABILITIES;
import static java.lang.Float.NEGATIVE_INFINITY;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion.Space;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;

/** What the contracts of blends share: rows, their parts, and the formulas of spaces. */
abstract class BlendMathContract extends LogitMathContract {
  static final int WIDTH = 40;
  static final IdRange ALL = IdRange.below(WIDTH);

  final Random random = new Random(5);

  BlendMathContract(Backend backend) {
    super(backend);
  }

  float[] row() {
    float[] row = new float[WIDTH];
    for (int id = 0; id < WIDTH; id++) {
      row[id] = (float) (3 * random.nextGaussian());
    }
    return row;
  }

  Source source(float[]... rows) {
    return new Source(logits(rows), OptionalDouble.empty());
  }

  static Term pair(Source expert, Source antiExpert, double weight) {
    return new Term(expert, Optional.of(antiExpert), weight, ALL);
  }

  static Term alone(Source source, double weight) {
    return new Term(source, Optional.empty(), weight, ALL);
  }

  float[] fuse(Blend blend, double strength) {
    double[] strengths = new double[blend.base().rows().rows()];
    Arrays.fill(strengths, strength);
    try (Logits fused = math.fuse(blend, strengths)) {
      return fused.row(0);
    }
  }

  static Blend blend(Space space, CandidateSet candidates, Source base, Term... terms) {
    return new Blend(base, List.of(terms), space, candidates, ALL);
  }

  /** A row in a space. */
  static double[] x(Space space, float[] row) {
    double total = IntStream.range(0, row.length).mapToDouble(id -> Math.exp(row[id])).sum();
    return IntStream.range(0, row.length)
        .mapToDouble(
            id ->
                switch (space) {
                  case LOGITS -> row[id];
                  case LOG_PROBABILITIES -> Math.log(Math.exp(row[id]) / total);
                  case PROBABILITIES -> Math.exp(row[id]) / total;
                })
        .toArray();
  }

  static int[] kept(float[] row) {
    return IntStream.range(0, row.length).filter(id -> row[id] > NEGATIVE_INFINITY).toArray();
  }
}
