package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * How the rows of several models become the one that a token is picked from. Immutable.
 *
 * <p>With a source's row in the {@linkplain Space space} written as x(source), the weights w and
 * the {@linkplain Strength strength} s of the token, the fused row is
 *
 * <pre>{@code
 * x(base) + s · ( Σ w · (x(expert) − x(anti-expert)) + Σ w · x(source) )
 * }</pre>
 *
 * over the {@linkplain CandidateSet candidates}; all other tokens have probability 0. The pairs are
 * those of the {@link ProxyTunerBuilder}, then the {@linkplain FusionTerm terms}. {@link
 * #proxyTuning()} is the default. Penalties, bias, bans, processors and the sampler then take the
 * fused row for logits, whatever the space.
 *
 * <ul>
 *   <li>Where s = 0 the row is the base's own, candidates or not.
 *   <li>Where no candidate is left with a probability above 0, the row is the base's own too.
 *   <li>What the base gives probability 0 keeps it in every space.
 *   <li>In logits, a base's {@linkplain io.proxytune.model.LogitModel#logitCap bound} is applied to
 *       the sum; in the other spaces to each model's row by itself.
 * </ul>
 *
 * <p>Log-probabilities, scores and choices ({@link ProxyTuner#score}) are those of the fused row:
 * with candidates that leave a token out, its log-probability is −∞. The first token of a
 * continuation counts as the first of a text.
 *
 * <p>All is computed on the device of the base's rows, in float64 but for the default. Texts that
 * are decoded together get each their own strengths, and a draft changes no text: every token is
 * picked from a fused row, drafted or not.
 *
 * @param space what is added
 * @param candidates the tokens that may be picked
 * @param strength a factor of all weights, for each token
 * @param terms what is added to the base beside the builder's pairs, in this order
 */
public record Fusion(
    Space space, CandidateSet candidates, Strength strength, List<FusionTerm> terms) {
  /** What of the models is added. */
  public enum Space {
    /** Logits; the default. */
    LOGITS,
    /**
     * Natural log-probabilities of all of a model's ids. A pair differs from that in logits by a
     * constant alone, so that the distribution is the same; sources alone make a product of
     * experts.
     */
    LOG_PROBABILITIES,
    /** Probabilities of all of a model's ids. What adds up to 0 or less has probability 0. */
    PROBABILITIES
  }

  private static final Fusion PROXY_TUNING =
      new Fusion(Space.LOGITS, CandidateSet.all(), Strength.constant(1), List.of());

  public Fusion {
    requireNonNull(space, "space");
    requireNonNull(candidates, "candidates");
    requireNonNull(strength, "strength");
    terms = List.copyOf(terms);
  }

  /**
   * Proxy-tuning (Liu et al., arXiv 2401.08565), the default: {@code base + Σ α · (expert −
   * anti-expert)} in logits, of all tokens, with the builder's pairs.
   *
   * @return the fusion
   */
  public static Fusion proxyTuning() {
    return PROXY_TUNING;
  }

  /**
   * DExperts (Liu et al., arXiv 2105.03023): {@code base + α · (expert − anti-expert)} in logits,
   * of the tokens that a nucleus of 0.9 of the base keeps. The paper steers away from toxicity with
   * α = 2 and towards a sentiment with α = 3.2.
   *
   * <p>What the base finds unlikely can't be picked, however sure the expert is of it. So the form
   * of an answer that an untuned base would not give, its end above all, can't be had: a text then
   * goes on until a limit or a stop string. {@link #proxyTuning} leaves nothing out.
   *
   * @param expert trained on what is wanted
   * @param antiExpert trained on what is not
   * @param alpha the strength α, any finite number
   * @return the fusion
   */
  public static Fusion dexperts(LogitSource expert, LogitSource antiExpert, double alpha) {
    return PROXY_TUNING.withCandidates(CandidateSet.topP(0.9)).withPair(expert, antiExpert, alpha);
  }

  /**
   * Contrastive decoding (Li et al., arXiv 2210.15097): {@code log p(base) − log p(amateur)}, of
   * the tokens at least 0.1 times as likely to the base as its likeliest. The paper searches these
   * scores with beams; here they are the logits that tokens are picked by. Its temperature τ of the
   * amateur is a weight of −1 / τ.
   *
   * @param amateur a small model
   * @return the fusion
   */
  public static Fusion contrastive(LogitSource amateur) {
    return PROXY_TUNING
        .withSpace(Space.LOG_PROBABILITIES)
        .withCandidates(CandidateSet.plausible(0.1))
        .withSource(amateur, -1);
  }

  /**
   * Context-aware decoding (Shi et al., arXiv 2305.14739): {@code (1 + α) · with − α · without} in
   * logits, of one model that reads the question with its context and without. The prompt has the
   * context, and {@code withText(Role.ANTI_EXPERT, …)} leaves it out. The paper takes α = 0.5 for
   * most tasks.
   *
   * @param base the tuner's base
   * @param alpha the strength α, any finite number; 0 is plain decoding
   * @return the fusion
   */
  public static Fusion contextAware(LogitSource base, double alpha) {
    return PROXY_TUNING.withPair(base, base, alpha);
  }

  /**
   * Classifier-free guidance (Sanchez et al., arXiv 2306.17806): {@code negative + γ · (prompt −
   * negative)} in logits, of one model that reads the prompt and a negative prompt, which {@code
   * withText(Role.ANTI_EXPERT, …)} gives. Without a negative one the paper takes the last token of
   * the prompt alone. It finds γ = 1.5 to suit most tasks.
   *
   * @param base the tuner's base
   * @param guidance γ, any finite number; 1 is plain decoding
   * @return the fusion
   */
  public static Fusion classifierFree(LogitSource base, double guidance) {
    return PROXY_TUNING.withPair(base, base, guidance - 1);
  }

  /**
   * SafeDecoding (Xu et al., arXiv 2402.08983): {@code p(base) + 3 · (p(expert) − p(base))} for the
   * first 2 tokens of a text, of the tokens among the k likeliest of both models, with the least k
   * that leaves 5; then the base alone. Sums below 0 have probability 0 here; the authors' code
   * gives them 1e-8, and always takes the likeliest of the first tokens.
   *
   * @param base the tuner's base
   * @param expert the base tuned to refuse what is harmful
   * @return the fusion
   */
  public static Fusion safeDecoding(LogitSource base, LogitSource expert) {
    return PROXY_TUNING
        .withSpace(Space.PROBABILITIES)
        .withCandidates(CandidateSet.common(5))
        .withStrength(Strength.firstTokens(2))
        .withPair(expert, base, 3);
  }

  /**
   * Decoding-time realignment (DeRa: Liu et al., arXiv 2402.02992): {@code (1 − λ) · base + λ ·
   * aligned} in logits, so that λ below 1 is a weaker alignment than the model's own, and above 1 a
   * stronger one.
   *
   * @param base the tuner's base, before the alignment
   * @param aligned the same model aligned
   * @param lambda λ, any finite number; 0 is the base, 1 the aligned model
   * @return the fusion
   */
  public static Fusion realign(LogitSource base, LogitSource aligned, double lambda) {
    return PROXY_TUNING.withPair(aligned, base, lambda);
  }

  /**
   * A linear mixture of two distributions: {@code (1 − share) · p(base) + share · p(other)}. Each
   * {@code withPair(another, base, itsShare)} adds another model.
   *
   * @param base the tuner's base
   * @param other another model
   * @param share of the other, in {@code [0, 1]}
   * @return the fusion
   */
  public static Fusion mixture(LogitSource base, LogitSource other, double share) {
    checkArgument(share >= 0 && share <= 1, "a share must be in [0, 1], got %s", share);
    return PROXY_TUNING.withSpace(Space.PROBABILITIES).withPair(other, base, share);
  }

  /**
   * Unlearning by logit difference (ULD: Ji et al., arXiv 2406.08607): {@code base − strength ·
   * assistant} in logits. The authors' code can leave out what is not plausible to the base: {@link
   * #withCandidates}.
   *
   * @param assistant a small model that remembers what is to be forgotten, and nothing else
   * @param strength any finite number above 0; 0 is plain decoding
   * @return the fusion
   */
  public static Fusion unlearn(LogitSource assistant, double strength) {
    return PROXY_TUNING.withSource(assistant, -strength);
  }

  /**
   * Emulated fine-tuning, up-scaled (Mitchell et al., arXiv 2310.12962): {@code log p(base) + log
   * p(expert) − log p(anti-expert)}: proxy-tuning in log-probabilities, which has the same
   * distribution. The paper also leaves tokens unsteered that are unlikely to the base; that is not
   * offered.
   *
   * @param expert a small tuned model
   * @param antiExpert the same model untuned
   * @return the fusion
   */
  public static Fusion emulatedFineTuning(LogitSource expert, LogitSource antiExpert) {
    return PROXY_TUNING.withSpace(Space.LOG_PROBABILITIES).withPair(expert, antiExpert, 1);
  }

  /**
   * The same in another space.
   *
   * @param space what is added
   * @return a new fusion
   */
  public Fusion withSpace(Space space) {
    return new Fusion(space, candidates, strength, terms);
  }

  /**
   * The same with other candidates.
   *
   * @param candidates the tokens that may be picked
   * @return a new fusion
   */
  public Fusion withCandidates(CandidateSet candidates) {
    return new Fusion(space, candidates, strength, terms);
  }

  /**
   * The same with another strength.
   *
   * @param strength a factor of all weights, for each token
   * @return a new fusion
   */
  public Fusion withStrength(Strength strength) {
    return new Fusion(space, candidates, strength, terms);
  }

  /**
   * The same with one more term: a source alone.
   *
   * @param source the model
   * @param weight any finite number; negative steers away
   * @return a new fusion
   */
  public Fusion withSource(LogitSource source, double weight) {
    return withTerm(FusionTerm.of(source, weight));
  }

  /**
   * The same with one more term: a pair.
   *
   * @param expert what is added
   * @param antiExpert what is subtracted
   * @param weight any finite number; negative steers away
   * @return a new fusion
   */
  public Fusion withPair(LogitSource expert, LogitSource antiExpert, double weight) {
    return withTerm(FusionTerm.pair(expert, antiExpert, weight));
  }

  private Fusion withTerm(FusionTerm term) {
    List<FusionTerm> more = new ArrayList<>(terms);
    more.add(term);
    return new Fusion(space, candidates, strength, more);
  }
}
