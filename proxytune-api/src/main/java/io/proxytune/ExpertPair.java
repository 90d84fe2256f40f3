package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;

/**
 * A tuned small model, the same model untuned, and how strongly their difference steers: immutable.
 *
 * <p>Their tokens may stand at other ids than the base's where the tokenizers split texts alike.
 * All ids that an application gives and gets are the base's then; those of a model's own settings
 * ({@link LogitSource#publishedDefaults}) are the model's until {@link PublishedDefaults#withIdsOf}
 * maps them. Tokens that a model lacks are not steered.
 *
 * <p>A pair whose tokenizer is not the base's steers {@linkplain #acrossTokenizers() across
 * tokenizers}, where that is asked for: its models read texts in tokens of their own, and what they
 * say of a text's next bytes is what they say of the base's next token.
 *
 * @param expert the tuned model
 * @param antiExpert the untuned one
 * @param alpha the strength α, any finite number; 1 in the paper, 0 is no steering, negative steers
 *     away
 * @param candidates where the pair steers across tokenizers, of how many of the base's likeliest
 *     tokens the bytes are looked up that no token of the pair spells alone; empty where its tokens
 *     have to be the base's
 */
public record ExpertPair(
    LogitSource expert, LogitSource antiExpert, double alpha, OptionalInt candidates) {
  /** So many of the base's tokens are looked up unless another number is given. */
  public static final int CANDIDATES = 32;

  public ExpertPair {
    requireNonNull(expert, "expert");
    requireNonNull(antiExpert, "antiExpert");
    checkArgument(Double.isFinite(alpha), "alpha must be a finite number, got %s", alpha);
    checkArgument(
        candidates.orElse(0) >= 0, "candidates must be >= 0, got %s", candidates.orElse(0));
  }

  /**
   * A pair whose tokens are the base's.
   *
   * @param expert the tuned model
   * @param antiExpert the untuned one
   * @param alpha the strength α, any finite number
   */
  public ExpertPair(LogitSource expert, LogitSource antiExpert, double alpha) {
    this(expert, antiExpert, alpha, OptionalInt.empty());
  }

  /**
   * A pair with the paper's strength, α = 1.
   *
   * @param expert the tuned model
   * @param antiExpert the untuned one
   * @return the pair
   */
  public static ExpertPair of(LogitSource expert, LogitSource antiExpert) {
    return new ExpertPair(expert, antiExpert, 1.0);
  }

  /**
   * The same models at another strength.
   *
   * @param alpha the strength, finite
   * @return a new pair
   */
  public ExpertPair withAlpha(double alpha) {
    return new ExpertPair(expert, antiExpert, alpha, candidates);
  }

  /**
   * The same pair, which may have another tokenizer than the base, with {@link #CANDIDATES}.
   *
   * @return a new pair
   */
  public ExpertPair acrossTokenizers() {
    return acrossTokenizers(CANDIDATES);
  }

  /**
   * The same pair, which may have another tokenizer than the base. Where its tokens are the base's
   * after all, it steers as any other pair does, token by token.
   *
   * <p>Otherwise both models read the text in their own tokens, again from where a border between
   * tokens moves, and the probability of one of the base's tokens is that of its bytes: of the own
   * token of the same bytes, of longer ones that the base would begin with that token, and, for the
   * likeliest tokens of the base that no own token spells alone, of the own tokens that spell it,
   * which costs these tokens in a pass more. Ids that nothing maps get no offset; {@link
   * GenerationStats#translation()} tells how much of the base's distribution these are. Nothing is
   * drafted. Both models have to have one tokenizer, and fuse as a pair.
   *
   * @param tokens of how many of the base's likeliest tokens the bytes are looked up, at least 0
   * @return a new pair
   */
  public ExpertPair acrossTokenizers(int tokens) {
    return new ExpertPair(expert, antiExpert, alpha, OptionalInt.of(tokens));
  }
}
