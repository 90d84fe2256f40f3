package io.proxytune.core.decode;

import io.proxytune.TokenLogprobs;
import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.TokenLogprobs.OfRole;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.List;

/** Log-probabilities of the picked tokens: of the fused distribution and of each role. */
final class LogprobReport {
  private final LogitMath math;
  private final int count;

  /**
   * Prepares reports.
   *
   * @param count the number of alternatives to report
   */
  LogprobReport(LogitMath math, int count) {
    this.math = math;
    this.count = count;
  }

  /** One report a row. */
  List<TokenLogprobs> of(RoleLogits roles, List<ModelRole> order, Logits fused, int[] ids) {
    Column fusedColumn = column(fused, ids);
    List<Column> roleColumns =
        order.stream().map(role -> roles.byItself(role, own -> column(own, ids))).toList();
    List<TokenLogprobs> reports = new ArrayList<>();
    for (int row = 0; row < ids.length; row++) {
      List<OfRole> ofRoles = new ArrayList<>();
      for (int i = 0; i < order.size(); i++) {
        ofRoles.add(roleColumns.get(i).ofRole(order.get(i), row));
      }
      reports.add(new TokenLogprobs(fusedColumn.logprobs[row], fusedColumn.top.get(row), ofRoles));
    }
    return reports;
  }

  private Column column(Logits logits, int[] ids) {
    return new Column(math.logprobs(logits, ids), math.top(logits, count));
  }

  /** One distribution's values for every row. */
  @SuppressWarnings("ArrayRecordComponent") // private and never compared
  private record Column(double[] logprobs, List<List<Alternative>> top) {
    OfRole ofRole(ModelRole role, int row) {
      return new OfRole(role.role(), role.pair(), logprobs[row], top.get(row));
    }
  }
}
