package io.proxytune.core.ensemble;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion;
import io.proxytune.FusionTerm;
import io.proxytune.LogitSource;
import io.proxytune.Role;
import io.proxytune.Strength;
import io.proxytune.Tokenizer;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.retokenizing.RetokenizedModel;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.model.LogitModel;
import io.proxytune.spi.TunerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The models of a tuner in their places, with vocabularies compared, and what is kept of what they
 * have read. Immutable but for that.
 *
 * @param base the model that is steered
 * @param pairs the pairs that steer it; a constant strength is a part of their α
 * @param fusion how rows are fused, but for its terms, which are among the pairs
 * @param emittable the ids that the base has
 * @param prefixes what the models have read of earlier prompts; the tuner closes it
 */
public record Ensemble(
    ModelRole base,
    List<SteeringPair> pairs,
    Fusion fusion,
    IdRange emittable,
    PrefixCache prefixes) {
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
    OwnTokens tokens = new OwnTokens(base);
    List<SteeringPair> pairs = new ArrayList<>();
    for (FusionTerm term : terms(spec)) {
      ModelRole expert = helper(Role.EXPERT, pairs.size(), term.source(), base);
      Optional<ModelRole> antiExpert =
          term.against().map(source -> helper(Role.ANTI_EXPERT, pairs.size(), source, base));
      OptionalInt candidates = candidates(spec, pairs.size());
      if (candidates.isPresent() && tokens.differ(expert, antiExpert.orElseThrow())) {
        List<ModelRole> retokenized =
            tokens.retokenized(expert, antiExpert.orElseThrow(), candidates.getAsInt());
        expert = retokenized.get(0);
        antiExpert = Optional.of(retokenized.get(1));
      } else {
        expert = ids.toBase(expert);
        antiExpert = antiExpert.map(ids::toBase);
      }
      ModelRole[] both =
          Stream.concat(Stream.of(expert), antiExpert.stream()).toArray(ModelRole[]::new);
      double alpha = term.weight() * constant(spec.fusion());
      Optional<ModelRole> followed = alpha < 0 ? antiExpert : Optional.of(expert);
      Set<Integer> ends = followed.map(check::endOfTextIds).orElse(Set.of());
      pairs.add(new SteeringPair(expert, antiExpert, alpha, check.sharedIds(both), ends));
    }
    PrefixCache prefixes = new PrefixCache(spec.prefixCacheBytes(), spec.prefillChunk());
    return new Ensemble(base, pairs, spec.fusion(), check.emittable(), prefixes);
  }

  private static List<FusionTerm> terms(TunerSpec spec) {
    Stream<FusionTerm> given =
        spec.pairs().stream()
            .map(pair -> FusionTerm.pair(pair.expert(), pair.antiExpert(), pair.alpha()));
    return Stream.concat(given, spec.fusion().terms().stream()).toList();
  }

  /** Of how many of the base's tokens the bytes are looked up, where a pair may have others. */
  private static OptionalInt candidates(TunerSpec spec, int pair) {
    return pair < spec.pairs().size() ? spec.pairs().get(pair).candidates() : OptionalInt.empty();
  }

  /** A strength that never changes is a part of every α. */
  private static double constant(Fusion fusion) {
    return fusion.strength() instanceof Strength.Constant constant ? constant.factor() : 1;
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

  /**
   * Whether a pair reads texts in tokens of its own: then no model takes drafts.
   *
   * @return whether there is such a pair
   */
  public boolean isAcrossTokenizers() {
    return pairs.stream().anyMatch(pair -> pair.expert().source() instanceof RetokenizedModel);
  }

  /**
   * Whether rows are fused by {@code base + Σ α · (expert − anti-expert)} alone.
   *
   * @return whether all terms are pairs in logits, with constant strengths, and all tokens stay
   */
  public boolean addsPairsOfLogits() {
    return fusion.space() == Fusion.Space.LOGITS
        && fusion.candidates().equals(CandidateSet.all())
        && fusion.strength() instanceof Strength.Constant
        && pairs.stream().allMatch(pair -> pair.antiExpert().isPresent());
  }

  /**
   * Whether pairs are run only for the tokens that they steer: whether a strength can be 0, and it
   * is known without them.
   *
   * @return whether they are not run for every token
   */
  public boolean asksWhereNeeded() {
    Strength strength = fusion.strength();
    return strength instanceof Strength.Gated
        || strength instanceof Strength.FirstTokens
        || (strength instanceof Strength.Linear line && (line.from() == 0 || line.to() == 0));
  }

  /**
   * Whether a pair is run although it adds nothing: its expert says which tokens stay.
   *
   * @param pair one of the pairs
   * @return whether it does
   */
  public boolean choosesCandidates(SteeringPair pair) {
    return pair.index() == 0 && !(fusion.candidates() instanceof CandidateSet.OfBase);
  }
}
