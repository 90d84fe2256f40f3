package io.proxytune.core.sampling;

import static java.util.stream.Collectors.toSet;

import com.google.common.collect.ImmutableMultiset;
import com.google.common.collect.Multiset;
import io.proxytune.Penalties;
import io.proxytune.core.constraint.TokenMask;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Bias, penalties, bans and what is forced on a row of the heap, in this order. */
final class ReferenceEdits {
  private ReferenceEdits() {}

  static void apply(
      float[] row, SamplingPlan plan, TokenHistory history, @Nullable TokenMask mask) {
    plan.logitBias().forEach((id, bias) -> row[id] = (float) (row[id] + bias));
    if (!plan.penalties().equals(Penalties.NONE)) {
      penaliseRepetition(row, plan.penalties(), history);
      penaliseFrequency(row, plan.penalties(), history);
    }
    StepRules rules = StepRules.of(plan, history);
    Set<Integer> forced = possible(row, rules.forced());
    ban(row, rules.banned());
    boolean mustEnd = mask != null && mask.allowsOnly(plan.endIds());
    if (history.generatedCount() < plan.minNewTokens() && !mustEnd) {
      ban(row, plan.endIds());
    }
    if (!rules.forced().isEmpty()) {
      Arrays.fill(row, Float.NEGATIVE_INFINITY);
      set(row, forced, 0);
    }
    ban(row, rules.bannedAfterwards());
    ban(row, plan.bannedIds());
    if (mask != null) {
      mask.apply(row);
    }
  }

  static void penaliseRepetition(float[] row, Penalties penalties, TokenHistory history) {
    Set<Integer> seen = new HashSet<>(history.promptIds());
    seen.addAll(history.generatedIds());
    double factor = penalties.repetition();
    for (int id : seen) {
      row[id] = (float) (row[id] < 0 ? row[id] * factor : row[id] / factor);
    }
  }

  static void penaliseFrequency(float[] row, Penalties penalties, TokenHistory history) {
    Multiset<Integer> counts = ImmutableMultiset.copyOf(history.generatedIds());
    for (Multiset.Entry<Integer> entry : counts.entrySet()) {
      double penalty = penalties.frequency() * entry.getCount() + penalties.presence();
      int id = entry.getElement();
      row[id] = (float) (row[id] - penalty);
    }
  }

  /** Ids that had no chance before any ban, such as those without a token, can't be forced. */
  private static Set<Integer> possible(float[] row, Set<Integer> ids) {
    return ids.stream()
        .filter(id -> id < row.length && row[id] > Float.NEGATIVE_INFINITY)
        .collect(toSet());
  }

  private static void ban(float[] row, Set<Integer> ids) {
    set(row, ids, Float.NEGATIVE_INFINITY);
  }

  private static void set(float[] row, Set<Integer> ids, float logit) {
    ids.stream()
        .filter(id -> id >= 0 && id < row.length) // an id without a logit is never picked anyway
        .forEach(id -> row[id] = logit);
  }
}
