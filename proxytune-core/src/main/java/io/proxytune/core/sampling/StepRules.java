package io.proxytune.core.sampling;

import io.proxytune.TokenConstraints;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a plan's constraints mean for the next token: immutable. What is forced outdoes the bans of
 * {@code banned}, but not those of {@code bannedAfterwards} nor the plan's own.
 *
 * @param banned ids that would complete a banned sequence or repeat an n-gram, ascending
 * @param forced the only ids that may be picked, each with the logit 0 where its own is above −∞;
 *     empty for no such rule
 * @param bannedAfterwards ids that may not begin a text
 */
public record StepRules(Set<Integer> banned, Set<Integer> forced, Set<Integer> bannedAfterwards) {
  private static final StepRules NONE = new StepRules(Set.of(), Set.of(), Set.of());

  /**
   * The rules of the next step.
   *
   * @param plan how the tokens of a sequence are picked
   * @param history its tokens so far
   * @return the rules
   */
  public static StepRules of(SamplingPlan plan, TokenHistory history) {
    TokenConstraints constraints = plan.constraints();
    if (constraints.equals(TokenConstraints.NONE)) {
      return NONE;
    }
    Set<Integer> banned = new TreeSet<>();
    for (List<Integer> sequence : constraints.bannedSequences()) {
      int last = sequence.size() - 1;
      if (history.endsWith(sequence.subList(0, last))) {
        banned.add(sequence.get(last));
      }
    }
    addRepeated(banned, constraints.noRepeatNgramSize(), history);
    return new StepRules(
        banned,
        forced(plan, history),
        isBegin(constraints, history) ? constraints.bannedAtBegin() : Set.of());
  }

  /** What followed earlier occurrences of the last {@code size − 1} tokens. */
  private static void addRepeated(Set<Integer> banned, int size, TokenHistory history) {
    int length = history.position();
    for (int last = size - 1; size > 0 && last < length; last++) {
      if (history.isRepeated(last - size + 1, length - size + 1, size - 1)) {
        banned.add(history.id(last));
      }
    }
  }

  private static Set<Integer> forced(SamplingPlan plan, TokenHistory history) {
    TokenConstraints constraints = plan.constraints();
    if (history.generatedCount() == plan.maxNewTokens() - 1
        && !constraints.forcedEndIds().isEmpty()) {
      return constraints.forcedEndIds();
    }
    return history.position() == 1 && constraints.forcedBeginId().isPresent()
        ? Set.of(constraints.forcedBeginId().getAsInt())
        : Set.of();
  }

  /** A token that is forced after a prompt of a single one counts as a part of the prompt. */
  private static boolean isBegin(TokenConstraints constraints, TokenHistory history) {
    boolean forcedFirst =
        constraints.forcedBeginId().isPresent()
            && history.position() - history.generatedCount() == 1;
    return history.generatedCount() == (forcedFirst ? 1 : 0);
  }

  /**
   * Whether this step has no rules.
   *
   * @return whether nothing is banned or forced
   */
  public boolean isEmpty() {
    return banned.isEmpty() && forced.isEmpty() && bannedAfterwards.isEmpty();
  }
}
