package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.GenerationOptions;
import io.proxytune.TokenConstraints;
import io.proxytune.core.ensemble.ModelRole;
import java.util.Collection;
import java.util.Set;

/** Refuses options that the base model can't serve. */
final class OptionsCheck {
  private OptionsCheck() {}

  static void check(GenerationOptions options, ModelRole base) {
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
    checkArgument(
        options.stopStrings().isEmpty() || base.textTokenizer().isPresent(),
        "stop strings need a tokenizer, and the %s has none: use withStopIds(...), or give"
            + " ProxyTunerBuilder.tokenizer(...) one",
        base.describe());
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
