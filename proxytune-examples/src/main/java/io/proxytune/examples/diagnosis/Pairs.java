package io.proxytune.examples.diagnosis;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Role;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * What steers: immutable.
 *
 * @param alphas the strength of each pair, at least one
 * @param precision to how many bits experts and anti-experts compute
 */
public record Pairs(List<Double> alphas, Precision precision) {
  public Pairs {
    alphas = List.copyOf(alphas);
    checkArgument(!alphas.isEmpty(), "a diagnosis needs at least one pair, got none");
  }

  int count() {
    return alphas.size();
  }

  /**
   * The mean over the models that the pairs steer to, each weighted with its strength: experts, or
   * anti-experts where it is negative.
   *
   * @param value of a role of a pair
   * @return NaN where one of them is not finite, or no pair has a strength
   */
  double favoured(ToDoubleBiFunction<Role, Integer> value) {
    double sum = 0;
    double weights = 0;
    for (int pair = 0; pair < alphas.size(); pair++) {
      double alpha = alphas.get(pair);
      if (alpha != 0) {
        Role role = alpha > 0 ? Role.EXPERT : Role.ANTI_EXPERT;
        sum += Math.abs(alpha) * value.applyAsDouble(role, pair);
        weights += Math.abs(alpha);
      }
    }
    double mean = sum / weights;
    return Double.isFinite(mean) ? mean : Double.NaN;
  }
}
