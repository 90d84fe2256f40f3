package io.proxytune.core.session;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.FusionStep;
import io.proxytune.Strength;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Certainty;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Seeds;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/** How strongly rows are steered. Immutable; safe for use by several threads. */
final class RowStrengths {
  private final LogitMath math;
  private final Strength strength;

  RowStrengths(LogitMath math, Strength strength) {
    this.math = math;
    this.strength = strength;
  }

  /** The rows of a step: {@code blend} has one for each of {@code positions}. */
  double[] of(Blend blend, int[] positions) {
    if (strength instanceof Strength.KlMatched matched) {
      return blend.terms().isEmpty()
          ? new double[positions.length]
          : math.matchedStrengths(blend, matched.most());
    }
    if (strength instanceof Strength.Gated) {
      return ofBase(blend, positions);
    }
    if (strength instanceof Strength.Custom custom) {
      return byCertainty(blend, positions, (position, base) -> at(custom, position, base));
    }
    return Arrays.stream(positions).mapToDouble(this::at).toArray();
  }

  /** Those of a strength that knows all from the base; the terms of {@code blend} take no part. */
  double[] ofBase(Blend blend, int[] positions) {
    return strength instanceof Strength.Gated gated
        ? byCertainty(blend, positions, (position, base) -> at(gated, base))
        : Arrays.stream(positions).mapToDouble(this::at).toArray();
  }

  /** Whether the experts are asked for a token that they do not steer. */
  boolean audits(long text, int position) {
    return strength instanceof Strength.Gated gated
        && (Seeds.derive(text, position + 1) >>> 11) * 0x1p-53 < gated.audited();
  }

  /** How strongly a token is steered where it is. */
  double full() {
    return strength instanceof Strength.Gated gated ? gated.factor() : 1;
  }

  private double[] byCertainty(
      Blend blend, int[] positions, ToDoubleBiFunction<Integer, Certainty> factor) {
    try (Logits own = math.fuse(blend.base().rows(), List.of(), blend.ids(), blend.base().cap())) {
      List<Certainty> certainties = math.certainties(own);
      return IntStream.range(0, positions.length)
          .mapToDouble(row -> factor.applyAsDouble(positions[row], certainties.get(row)))
          .toArray();
    }
  }

  private static double at(Strength.Gated gated, Certainty base) {
    boolean uncertain =
        base.entropy() >= gated.leastEntropy()
            && base.topProbability() <= gated.mostTopProbability();
    return uncertain ? gated.factor() : 0;
  }

  /** A base's row that no token can be picked from is for picking to complain about. */
  private static double at(Strength.Custom custom, int position, Certainty base) {
    if (!Double.isFinite(base.entropy())) {
      return 0;
    }
    double factor = custom.at(new FusionStep(position, base.entropy(), base.topProbability()));
    checkArgument(
        Double.isFinite(factor),
        "the application's strength (%s) is %s at position %s, expected a finite number",
        custom.getClass(),
        factor,
        position);
    return factor;
  }

  /** A constant one is a part of every α already. */
  private double at(int position) {
    if (strength instanceof Strength.FirstTokens first) {
      return position < first.count() ? first.factor() : 0;
    }
    if (strength instanceof Strength.Linear line) {
      double share = Math.min(1, (double) position / line.tokens());
      return line.from() + (line.to() - line.from()) * share;
    }
    return ((Strength.Constant) strength).factor() == 0 ? 0 : 1;
  }
}
