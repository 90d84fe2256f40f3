package io.proxytune.core.decode;

import io.proxytune.TokenTrace;
import io.proxytune.TokenTrace.OfRole;
import io.proxytune.TokenTrace.View;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What steering did at picked tokens. */
final class TraceReport {
  private final Steering steering;
  private final LogitMath math;

  TraceReport(Steering steering) {
    this.steering = steering;
    this.math = steering.math();
  }

  /**
   * One trace a row.
   *
   * @param fused the distribution of every id
   * @param factors by what each row multiplies all strengths; none for 1
   */
  List<TokenTrace> of(RoleLogits roles, Logits fused, int[] ids, double[] factors) {
    List<View> fusedViews = math.views(fused, ids);
    List<List<View>> ofRoles = new ArrayList<>();
    for (ModelRole role : steering.roles()) {
      ofRoles.add(roles.byItself(role, own -> math.views(own, ids)));
    }
    double[] divergences = roles.byItself(steering.base(), own -> math.divergences(fused, own));
    return IntStream.range(0, ids.length)
        .mapToObj(
            row -> {
              double factor = factors.length == 0 ? 1 : factors[row];
              return trace(fusedViews.get(row), ofRoles, row, divergences[row], factor);
            })
        .toList();
  }

  private TokenTrace trace(
      View fused, List<List<View>> ofRoles, int row, double divergence, double factor) {
    List<OfRole> roles =
        IntStream.range(0, ofRoles.size())
            .mapToObj(
                i -> {
                  ModelRole role = steering.roles().get(i);
                  return new OfRole(role.role(), role.pair(), ofRoles.get(i).get(row));
                })
            .toList();
    double base = ofRoles.get(0).get(row).logprob();
    double shift = Math.exp(fused.logprob()) - Math.exp(base);
    List<Double> alphas = steering.alphas().stream().map(alpha -> alpha * factor).toList();
    return new TokenTrace(fused, roles, alphas, shift, divergence, false);
  }
}
