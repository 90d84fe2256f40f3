package io.proxytune.core.decode;

import io.proxytune.ModelException;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.model.Logits;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds which model is to blame for logits that no token can be picked from. Slow: for failures.
 */
final class LogitFault {
  private final RoleLogits roles;
  private final Logits fused;
  private final List<RoleSessions> sequences;

  /**
   * Prepares the search.
   *
   * @param sequences whose rows these are, in order, each with as many
   */
  LogitFault(RoleLogits roles, Logits fused, List<RoleSessions> sequences) {
    this.roles = roles;
    this.fused = fused;
    this.sequences = sequences;
  }

  /**
   * Names the first model with NaN or an infinity in its logits, or the pair whose α leads out of
   * float32.
   *
   * @param failure what picking ended with
   * @return an exception with model and position; the failure itself if no model is to blame, such
   *     as where every token is banned
   */
  ModelException explain(ModelException failure) {
    Optional<ModelException> found = Optional.empty();
    for (int row = 0; row < fused.rows() && found.isEmpty(); row++) {
      int current = row;
      int fusedId = firstUnusable(fused.row(row));
      found =
          rolesOf(row).stream()
              .flatMap(role -> blame(role, current, fusedId, failure).stream())
              .findFirst()
              .or(() -> blameAlpha(current, fusedId, failure));
    }
    return found.orElse(failure);
  }

  /** An id that spoilt the fused row, or any unusable one of a row that log-probabilities need. */
  private Optional<ModelException> blame(
      ModelRole role, int row, int fusedId, ModelException failure) {
    float[] logits = roles.of(role).row(row);
    int id = isFinite(logits, fusedId) ? firstUnusable(logits) : fusedId;
    if (isFinite(logits, id)) {
      return Optional.empty();
    }
    String message =
        String.format(
            "the %s gave logit %s for token id %d at position %d: check its weights, or load it"
                + " with a wider dtype such as float32",
            role.describe(), logits[id], id, position(role, row));
    return Optional.of(new ModelException(message, failure));
  }

  /** Finite logits make an infinite one where a difference is multiplied by too much. */
  private Optional<ModelException> blameAlpha(int row, int fusedId, ModelException failure) {
    if (fusedId < 0) {
      return Optional.empty();
    }
    return sequence(row).plan().pairs().stream()
        .filter(pair -> roles.has(pair.expert()) && fusedId < pair.sharedIds().end())
        .max(Comparator.comparingDouble(pair -> Math.abs(offset(pair, row, fusedId))))
        .map(
            pair ->
                new ModelException(
                    String.format(
                        Locale.ROOT,
                        "the fused logit of token id %d is beyond the range of float32: alpha %s of"
                            + " pair %d adds %s to it. Use a smaller alpha",
                        fusedId,
                        pair.alpha(),
                        pair.index(),
                        offset(pair, row, fusedId)),
                    failure));
  }

  private static boolean isFinite(float[] logits, int id) {
    return id < 0 || id >= logits.length || Float.isFinite(logits[id]);
  }

  private double offset(SteeringPair pair, int row, int id) {
    double expert = roles.of(pair.expert()).row(row)[id];
    double antiExpert = pair.antiExpert().map(role -> roles.of(role).row(row)[id]).orElse(0f);
    return pair.alpha() * (expert - antiExpert);
  }

  private List<ModelRole> rolesOf(int row) {
    return sequence(row).plan().roles().stream().filter(roles::has).toList();
  }

  private RoleSessions sequence(int row) {
    return sequences.get(row / rowsPerSequence());
  }

  private int rowsPerSequence() {
    return fused.rows() / sequences.size();
  }

  /** The last row of a sequence predicts the token at its session's position. */
  private int position(ModelRole role, int row) {
    int rowsAfter = rowsPerSequence() - 1 - row % rowsPerSequence();
    return sequence(row).of(role).position() - rowsAfter;
  }

  private static int firstUnusable(float[] row) {
    for (int id = 0; id < row.length; id++) {
      if (Float.isNaN(row[id]) || row[id] == Float.POSITIVE_INFINITY) {
        return id;
      }
    }
    return -1;
  }
}
