package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;

/**
 * How strongly a {@link Fusion} steers each token: a factor of the weights of all its terms. 1 is
 * the fusion as it is, and where it is 0 the base decides alone, among all its tokens. Immutable,
 * but for an application's own function.
 */
public sealed interface Strength {
  /**
   * The same for every token.
   *
   * @param factor any finite number
   */
  record Constant(double factor) implements Strength {
    public Constant {
      requireFinite(factor);
    }
  }

  /**
   * One for the first tokens of a text, and 0 for all others, for which the experts are not asked.
   *
   * @param count how many tokens, at least 0
   * @param factor any finite number
   */
  record FirstTokens(int count, double factor) implements Strength {
    public FirstTokens {
      checkArgument(count >= 0, "the number of first tokens must be >= 0, got %s", count);
      requireFinite(factor);
    }
  }

  /**
   * From one to another in equal steps, and the last from there on. Where one of the two is 0, the
   * experts are not asked for tokens at which it is reached.
   *
   * @param from the first token's, any finite number
   * @param to what is reached, any finite number
   * @param tokens after how many tokens, at least 1
   */
  record Linear(double from, double to, int tokens) implements Strength {
    public Linear {
      requireFinite(from);
      requireFinite(to);
      checkArgument(tokens >= 1, "the number of tokens must be >= 1, got %s", tokens);
    }
  }

  /**
   * As strong as the pair's tuning shifts its own model; see {@link #klMatched(double)}.
   *
   * @param most the largest strength, finite and above 0
   */
  record KlMatched(double most) implements Strength {
    public KlMatched {
      checkArgument(
          most > 0 && Double.isFinite(most), "the largest strength must be > 0, got %s", most);
    }
  }

  /**
   * One where the base is uncertain, and 0 elsewhere. Where it is 0 the experts are not asked: they
   * are run for no token before the next that they steer, and read what they missed then, in one
   * pass. So that it is known what is lost, they are asked for a share of these tokens all the same
   * ({@link GateStats}); the text stays the one that it is without.
   *
   * <p>They are asked too for the first token, since they read the prompt; for what is {@linkplain
   * ProxyTuner#score scored}; and beyond the length up to which a model's logits do not depend on
   * how its tokens are cut into passes. No expert drafts ({@link Speculation}), since it would be
   * asked for that; what the text repeats may be drafted, and of a drafted stretch the experts read
   * all or nothing.
   *
   * @param leastEntropy of the base's distribution in nats, at least 0; 0 for any
   * @param mostTopProbability of the base's likeliest token, in {@code [0, 1]}; 1 for any
   * @param factor any finite number
   * @param audited for which share of a text's tokens the experts are asked whatever the base says,
   *     in {@code [0, 1]}; which tokens these are is drawn with the text's seed
   */
  record Gated(double leastEntropy, double mostTopProbability, double factor, double audited)
      implements Strength {
    public Gated {
      checkArgument(
          leastEntropy >= 0 && Double.isFinite(leastEntropy),
          "an entropy must be finite and >= 0 nats, got %s",
          leastEntropy);
      requireShare("a probability", mostTopProbability);
      requireFinite(factor);
      requireShare("the share of audited tokens", audited);
    }

    /**
     * The same with another share of audited tokens.
     *
     * @param share in {@code [0, 1]}; 0 for none, 1 to ask for every token
     * @return a new strength
     */
    public Gated withAudited(double share) {
      return new Gated(leastEntropy, mostTopProbability, factor, share);
    }
  }

  /**
   * An application's own function. The same step must give the same strength, or a draft may change
   * the text: it is asked for drafted tokens too, also for those that are not kept.
   *
   * <p><b>Threads:</b> it is called by the thread that runs a step, which may be another request's,
   * and all requests of the step wait for it. It must not ask a tuner for anything. What it throws
   * fails the request whose token it was asked for.
   */
  @FunctionalInterface
  non-sealed interface Custom extends Strength {
    /**
     * How strongly a token is steered.
     *
     * @param step the token's place, and what the base says of it
     * @return any finite number
     */
    double at(FusionStep step);
  }

  private static void requireShare(String name, double share) {
    checkArgument(share >= 0 && share <= 1, "%s must be in [0, 1], got %s", name, share);
  }

  private static void requireFinite(double factor) {
    checkArgument(Double.isFinite(factor), "a strength must be a finite number, got %s", factor);
  }

  /**
   * The same for every token; 1 by default.
   *
   * @param factor any finite number; 0 is no steering, negative steers away
   * @return the strength
   */
  static Strength constant(double factor) {
    return new Constant(factor);
  }

  /**
   * Full strength for the first tokens of a text, then none.
   *
   * @param count how many tokens, at least 0
   * @return the strength
   */
  static Strength firstTokens(int count) {
    return new FirstTokens(count, 1);
  }

  /**
   * From one strength to another: token t, counted from 0, gets {@code from + (to − from) · min(1,
   * t / tokens)}.
   *
   * @param from the first token's
   * @param to what is reached
   * @param tokens after how many tokens, at least 1
   * @return the strength
   */
  static Strength linear(double from, double to, int tokens) {
    return new Linear(from, to, tokens);
  }

  /**
   * As strong as the pair's tuning shifts its own model, up to 2; see {@link #klMatched(double)}.
   *
   * @return the strength
   */
  static Strength klMatched() {
    return klMatched(2);
  }

  /**
   * Dynamic logits fusion (Fan et al., arXiv 2406.15480): for each token the strength s at which
   * the fused distribution is as far from the base's as the expert's is from the anti-expert's:
   *
   * <pre>{@code
   * KL(softmax(base + s · α · (expert − anti-expert)) ‖ softmax(base)) = KL(expert ‖ anti-expert)
   * }</pre>
   *
   * <p>The left side grows with s from 0, so there is one solution, or none up to the largest
   * strength, which is taken then. The paper searches a grid of strengths for the least square of
   * the difference; here the equation is solved. For one pair, in the spaces of logits; over the
   * ids that the base has a token for, on the right those that the pair has too, candidates or not.
   * The paper's rule for several experts is not offered.
   *
   * @param most the largest strength, finite and above 0
   * @return the strength
   */
  static Strength klMatched(double most) {
    return new KlMatched(most);
  }

  /**
   * Full strength where the base's entropy is high, else none: {@link Gated}. One token of twenty
   * is audited.
   *
   * @param nats the least entropy, at least 0
   * @return the strength
   */
  static Gated whereEntropyIsAtLeast(double nats) {
    return new Gated(nats, 1, 1, 0.05);
  }

  /**
   * Full strength where the base is not sure of its likeliest token, else none: {@link Gated}. One
   * token of twenty is audited.
   *
   * @param probability the most that the likeliest token may have, in {@code [0, 1]}
   * @return the strength
   */
  static Gated whereTopProbabilityIsAtMost(double probability) {
    return new Gated(0, probability, 1, 0.05);
  }
}
