package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;

/**
 * The tokens that a {@link Fusion} lets be picked; all others get probability 0. Chosen anew for
 * each token, from distributions of single models: behind their {@linkplain
 * io.proxytune.model.LogitModel#logitCap bound} if they have one, before penalties, bans and
 * temperature, of the ids that the base has a token for. Immutable.
 */
public sealed interface CandidateSet {
  /**
   * The base's likeliest tokens, as samplers' filters of the same names keep them: top-k, then
   * top-p, then plausible ones.
   *
   * @param topK how many; 0 for all. Tokens tied with the last stay too
   * @param topP the least probability that stays, in {@code (0, 1]}; 1 for all
   * @param plausible tokens less likely than this fraction of the likeliest go, in {@code [0, 1]};
   *     0 for none
   */
  record OfBase(int topK, double topP, double plausible) implements CandidateSet {
    public OfBase {
      checkArgument(topK >= 0, "topK must be >= 0, got %s", topK);
      checkArgument(topP > 0 && topP <= 1, "topP must be in (0, 1], got %s", topP);
      checkArgument(
          plausible >= 0 && plausible <= 1, "plausible must be in [0, 1], got %s", plausible);
    }
  }

  /**
   * Tokens among the {@code k} likeliest of the base and of the source of the first term.
   *
   * @param k at least 1; tokens tied with the last of a model's count too
   */
  record InBothTop(int k) implements CandidateSet {
    public InBothTop {
      checkArgument(k >= 1, "k must be >= 1, got %s", k);
    }
  }

  /**
   * Tokens among the {@code k} likeliest of the base, or of the source of the first term.
   *
   * @param k at least 1; tokens tied with the last of a model's count too
   */
  record InEitherTop(int k) implements CandidateSet {
    public InEitherTop {
      checkArgument(k >= 1, "k must be >= 1, got %s", k);
    }
  }

  /**
   * Tokens among the k likeliest of both the base and the source of the first term, for the least k
   * that leaves {@code count} of them, or one more where two come with the same k.
   *
   * @param count at least 1
   */
  record Common(int count) implements CandidateSet {
    public Common {
      checkArgument(count >= 1, "the number of common tokens must be >= 1, got %s", count);
    }
  }

  /**
   * Every token; the default.
   *
   * @return the set
   */
  static CandidateSet all() {
    return new OfBase(0, 1, 0);
  }

  /**
   * The base's likeliest tokens.
   *
   * @param k how many, at least 1; tokens tied with the last stay too
   * @return the set
   */
  static CandidateSet topK(int k) {
    checkArgument(k >= 1, "k must be >= 1, got %s", k);
    return new OfBase(k, 1, 0);
  }

  /**
   * The fewest of the base's likeliest tokens that hold a probability, as DExperts (arXiv
   * 2105.03023) filters.
   *
   * @param p in {@code (0, 1]}
   * @return the set
   */
  static CandidateSet topP(double p) {
    return new OfBase(0, p, 0);
  }

  /**
   * Tokens at least β times as likely to the base as its likeliest: the plausibility constraint of
   * contrastive decoding (arXiv 2210.15097, there called α).
   *
   * @param beta in {@code [0, 1]}; 0 for all tokens, 1 for the likeliest alone
   * @return the set
   */
  static CandidateSet plausible(double beta) {
    return new OfBase(0, 1, beta);
  }

  /**
   * Tokens that are likely to two models.
   *
   * @param k at least 1
   * @return the set
   */
  static CandidateSet inBothTop(int k) {
    return new InBothTop(k);
  }

  /**
   * Tokens that are likely to one of two models.
   *
   * @param k at least 1
   * @return the set
   */
  static CandidateSet inEitherTop(int k) {
    return new InEitherTop(k);
  }

  /**
   * So many tokens that are likely to two models, as SafeDecoding (arXiv 2402.08983) builds its
   * sample space.
   *
   * @param count at least 1
   * @return the set
   */
  static CandidateSet common(int count) {
    return new Common(count);
  }
}
