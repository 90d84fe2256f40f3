package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.CandidateSet;
import io.proxytune.GenerationOptions;
import io.proxytune.TokenConstraints;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import java.util.Collection;
import java.util.Set;

/** Refuses options that the base model can't serve. */
final class OptionsCheck {
  private OptionsCheck() {}

  static void check(GenerationOptions options, Ensemble ensemble) {
    ModelRole base = ensemble.base();
    checkArgument(
        options.minNewTokens() <= options.maxNewTokens(),
        "at least %s new tokens and at most %s contradict each other: raise"
            + " GenerationOptions.withMaxNewTokens (--max-new-tokens) or lower withMinNewTokens"
            + " (--min-new-tokens)",
        options.minNewTokens(),
        options.maxNewTokens());
    checkIds(options.logitBias().keySet(), "logit bias", base);
    checkIds(options.bannedIds(), "banned ids", base);
    checkIds(options.stopIds(), "stop ids", base);
    checkConstraints(options.constraints(), base);
    if (options.constraint().isPresent()) {
      checkConstraint(options, ensemble);
    }
    checkArgument(
        options.stopStrings().isEmpty() || base.textTokenizer().isPresent(),
        "stop strings need a tokenizer, and the %s has none: use withStopIds(...), or give"
            + " ProxyTunerBuilder.tokenizer(...) one",
        base.describe());
  }

  /** Refuses what would leave no token where the constraint asks for one. */
  private static void checkConstraint(GenerationOptions options, Ensemble ensemble) {
    checkArgument(
        ensemble.base().textTokenizer().isPresent(),
        "a constraint needs a tokenizer, and the %s has none: give ProxyTunerBuilder.tokenizer(...)"
            + " one",
        ensemble.base().describe());
    TokenConstraints others = options.constraints();
    checkArgument(
        others.forcedBeginId().isEmpty() && others.forcedEndIds().isEmpty(),
        "a constraint and tokens that are forced contradict each other: leave out"
            + " GenerationOptions.withConstraint or the forced ids of withConstraints");
    checkArgument(
        ensemble.fusion().candidates().equals(CandidateSet.all()),
        "a constraint and the candidates of a fusion contradict each other, as none of them may be"
            + " what it asks for: leave out GenerationOptions.withConstraint or"
            + " Fusion.withCandidates");
  }

  private static void checkConstraints(TokenConstraints constraints, ModelRole base) {
    constraints.bannedSequences().forEach(ids -> checkIds(ids, "banned sequences", base));
    checkIds(constraints.bannedAtBegin(), "ids banned at the begin", base);
    constraints.forcedBeginId().ifPresent(id -> checkIds(Set.of(id), "forced first id", base));
    checkIds(constraints.forcedEndIds(), "forced last ids", base);
  }

  private static void checkIds(Collection<Integer> ids, String option, ModelRole base) {
    int width = base.source().width();
    for (int id : ids) {
      checkArgument(
          id < width,
          "%s: token id %s is not in the vocabulary of the %s, whose ids are 0 to %s",
          option,
          id,
          base.describe(),
          width - 1);
    }
  }
}
