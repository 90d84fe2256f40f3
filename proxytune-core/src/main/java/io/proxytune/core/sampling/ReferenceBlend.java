package io.proxytune.core.sampling;

import static io.proxytune.core.sampling.ReferenceLogitMath.capped;
import static java.lang.Float.NEGATIVE_INFINITY;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion.Space;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The definition of {@link LogitMath#fuse(Blend, double[])}: one row after the other, on the heap,
 * in float64.
 *
 * <p>Beside what {@link io.proxytune.Fusion} says:
 *
 * <ul>
 *   <li>where the models of a pair are equal their difference is 0, also where both are −∞;
 *   <li>a source alone is −∞ for an id that is not shared, or has probability 0, and with a
 *       negative factor adds nothing there.
 * </ul>
 */
final class ReferenceBlend {
  private final Blend blend;
  private final int index;
  private final float[] own;

  private ReferenceBlend(Blend blend, int index) {
    this.blend = blend;
    this.index = index;
    float[] base = RowChecks.read(blend.base().rows(), index);
    this.own = ReferenceLogitMath.fuseRow(base, List.of(), blend.ids(), blend.base().cap(), index);
  }

  static Logits fuse(Blend blend, double[] strengths) {
    blend.requireOnePerRow(strengths);
    float[][] fused = new float[strengths.length][];
    for (int row = 0; row < fused.length; row++) {
      fused[row] = new ReferenceBlend(blend, row).fused(strengths[row]);
    }
    return Logits.of(blend.base().rows().width(), fused);
  }

  static double[] matchedStrengths(Blend blend, double most) {
    Term pair = blend.terms().get(0);
    return IntStream.range(0, blend.base().rows().rows())
        .mapToObj(row -> new ReferenceBlend(blend, row))
        .map(
            row ->
                new ReferenceMatch(
                    blend,
                    row.values(blend.base()),
                    row.values(pair.source()),
                    row.values(pair.against().orElseThrow())))
        .mapToDouble(match -> match.strength(most))
        .toArray();
  }

  static List<Certainty> certainties(Logits logits) {
    Source rows = new Source(logits, OptionalDouble.empty());
    Blend blend =
        new Blend(
            rows,
            List.of(),
            Space.LOG_PROBABILITIES,
            CandidateSet.all(),
            IdRange.below(logits.width()));
    return IntStream.range(0, logits.rows())
        .mapToObj(row -> new ReferenceBlend(blend, row).values(rows))
        .map(
            logs ->
                new Certainty(
                    Arrays.stream(logs).map(ReferenceBlend::surprise).sum(),
                    Math.exp(Arrays.stream(logs).max().orElseThrow())))
        .toList();
  }

  private static double surprise(double logprob) {
    return logprob == Double.NEGATIVE_INFINITY ? 0 : -logprob * Math.exp(logprob);
  }

  private float[] fused(double strength) {
    if (strength == 0) {
      return own;
    }
    double[] sum = values(blend.base());
    for (Term term : blend.terms()) {
      if (term.weight() != 0) {
        add(sum, term, strength * term.weight());
      }
    }
    BitSet candidates = ReferenceCandidates.of(blend, own, index);
    float[] fused = new float[own.length];
    for (int id = 0; id < fused.length; id++) {
      boolean never = own[id] == NEGATIVE_INFINITY || !candidates.get(id);
      fused[id] = never ? NEGATIVE_INFINITY : logit(sum[id]);
    }
    return RowChecks.largest(fused) == NEGATIVE_INFINITY ? own : fused;
  }

  private float logit(double sum) {
    return (float)
        switch (blend.space()) {
          case LOGITS -> capped(sum, blend.base().cap());
          case LOG_PROBABILITIES -> sum;
          case PROBABILITIES -> Math.log(Math.max(0, sum));
        };
  }

  private void add(double[] sum, Term term, double factor) {
    double[] source = values(term.source());
    double[] against = term.against().map(this::values).orElse(new double[0]);
    boolean alone = term.against().isEmpty();
    int end = blend.end(term);
    for (int id = 0; id < sum.length; id++) {
      boolean shared = id < end && term.sharedIds().contains(id);
      if (alone) {
        sum[id] += alone(shared ? source[id] : least(), factor);
      } else if (shared && source[id] != against[id]) {
        sum[id] += factor * (source[id] - against[id]);
      }
    }
  }

  private static double alone(double value, double factor) {
    return value == Double.NEGATIVE_INFINITY && factor < 0 ? 0 : factor * value;
  }

  private double least() {
    return blend.space() == Space.PROBABILITIES ? 0 : Double.NEGATIVE_INFINITY;
  }

  /** A source's row in the space. */
  private double[] values(Source source) {
    float[] row = RowChecks.read(source.rows(), index);
    double[] logits = IntStream.range(0, row.length).mapToDouble(id -> row[id]).toArray();
    if (blend.space() == Space.LOGITS) {
      return logits;
    }
    double[] bounded = Arrays.stream(logits).map(each -> capped(each, source.cap())).toArray();
    double largest = Arrays.stream(bounded).max().orElseThrow();
    double total = Arrays.stream(bounded).map(each -> Math.exp(each - largest)).sum();
    double logTotal = largest + Math.log(total);
    return Arrays.stream(bounded)
        .map(each -> each - logTotal)
        .map(each -> blend.space() == Space.PROBABILITIES ? Math.exp(each) : each)
        .toArray();
  }
}
