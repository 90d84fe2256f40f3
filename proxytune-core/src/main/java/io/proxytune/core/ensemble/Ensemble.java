package io.proxytune.core.ensemble;

import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.model.LogitModel;
import io.proxytune.spi.TunerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The models of a tuner in their places, with vocabularies compared, and what is kept of what they
 * have read. Immutable but for that.
 *
 * @param base the model that is steered
 * @param pairs the pairs that steer it
 * @param emittable the ids that the base has
 * @param prefixes what the models have read of earlier prompts; the tuner closes it
 */
public record Ensemble(
    ModelRole base, List<SteeringPair> pairs, IdRange emittable, PrefixCache prefixes) {
  public Ensemble {
    pairs = List.copyOf(pairs);
  }

  /**
   * Puts the models of a specification in their places.
   *
   * @param spec the models and pairs
   * @param math reorders the logits of models that have the base's tokens at other ids
   * @return the ensemble
   * @throws io.proxytune.VocabularyMismatchException if an id means different tokens to two models
   *     whose tokenizers split texts differently
   */
  public static Ensemble of(TunerSpec spec, LogitMath math) {
    LogitModel baseSource = SourceCheck.check(spec.base(), "base");
    Optional<Tokenizer> tokenizer =
        spec.tokenizer().or(baseSource::tokenizer).map(CheckedTokenizer::of);
    ModelRole base = new ModelRole(Role.BASE, 0, baseSource, tokenizer, tokenizer);
    VocabularyCheck check = new VocabularyCheck(base);
    BaseIds ids = new BaseIds(base, math);
    List<SteeringPair> pairs = new ArrayList<>();
    for (ExpertPair pair : spec.pairs()) {
      ModelRole expert = ids.toBase(helper(Role.EXPERT, pairs.size(), pair.expert(), base));
      ModelRole antiExpert =
          ids.toBase(helper(Role.ANTI_EXPERT, pairs.size(), pair.antiExpert(), base));
      IdRange shared = check.sharedIds(expert, antiExpert);
      ModelRole followed = pair.alpha() < 0 ? antiExpert : expert;
      pairs.add(
          new SteeringPair(expert, antiExpert, pair.alpha(), shared, check.endOfTextIds(followed)));
    }
    PrefixCache prefixes = new PrefixCache(spec.prefixCacheBytes(), spec.prefillChunk());
    return new Ensemble(base, pairs, check.emittable(), prefixes);
  }

  /** The base's own source keeps the base's tokenizer, whichever place it takes. */
  private static ModelRole helper(Role role, int pair, LogitSource given, ModelRole base) {
    LogitModel source = SourceCheck.check(given, ModelRole.place(role, pair));
    Optional<Tokenizer> own =
        source == base.source() ? base.vocabulary() : source.tokenizer().map(CheckedTokenizer::of);
    return new ModelRole(role, pair, source, own, own.or(base::textTokenizer));
  }

  /**
   * Whether pairs steer the base.
   *
   * @return whether there is at least one pair
   */
  public boolean steered() {
    return !pairs.isEmpty();
  }
}
