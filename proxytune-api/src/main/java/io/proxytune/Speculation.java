package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Whether tokens are drafted ahead and then checked several at once. It changes how fast a text
 * comes, never which: every token is picked from the fused logits, with the same sampler, noise and
 * stop rules, whether it was drafted or not. Immutable.
 *
 * <p>There are two drafters. <b>Prompt lookup</b> finds the last one to three tokens earlier in the
 * prompt or the output and drafts what followed there; it runs no model. <b>The expert</b> of the
 * first pair with α above 0 drafts with the request's own sampler, penalties and noise; an expert
 * whose weights are the base's own does not draft, nor does one that is not asked for every token
 * ({@link Strength.Gated}). Every other model reads a draft in one pass, and the expert's logits of
 * tokens that are kept are used again.
 *
 * <p><b>What is seen of it.</b> {@link GenerationStats} counts drafts. An application's {@link
 * LogitsProcessor} and {@link Sampler.Custom} are called for the tokens of the text only, each
 * sequence's in order and when the token is read, never for a draft; with several sequences
 * together the calls of one may come before the others'. An application's own {@link
 * io.proxytune.model.LogitModel} is asked for logits after tokens that may not be kept.
 *
 * <p><b>Rounding.</b> A product of several rows may round otherwise than that of one. Where two
 * tokens are as near to a tie as the dtype's rounding, most likely in bfloat16, one of them may be
 * picked with speculation and the other without, as with any other size of a batch. Both are right
 * to within rounding. As {@link Mode#AUTO} follows measured times, the last digits of
 * log-probabilities may differ from call to call; a request that runs alone repeats them to the bit
 * with {@link #off()} and with {@link #draft}.
 *
 * @param mode when tokens are drafted
 * @param draftLength the most tokens of a draft where the mode is {@link Mode#FIXED}, else 0
 * @param promptLookup whether prompt lookup drafts, ahead of the expert
 */
public record Speculation(Mode mode, int draftLength, boolean promptLookup) {
  /** When tokens are drafted. */
  public enum Mode {
    /** Never. */
    OFF,
    /** Where it was measured to pay. */
    AUTO,
    /** Always, with one length. */
    FIXED
  }

  /** The longest draft that can be asked for. */
  public static final int MAX_DRAFT_LENGTH = 64;

  public Speculation {
    requireNonNull(mode, "mode");
    if (mode == Mode.FIXED) {
      checkArgument(
          draftLength >= 1 && draftLength <= MAX_DRAFT_LENGTH,
          "the draft length must be from 1 to %s, got %s",
          MAX_DRAFT_LENGTH,
          draftLength);
    } else {
      checkArgument(draftLength == 0, "mode %s has no draft length, got %s", mode, draftLength);
    }
  }

  /**
   * Drafts where it pays, the default: the length follows the measured acceptance and the measured
   * costs, down to none. Only where all models {@linkplain
   * io.proxytune.model.LogitModel#readsDrafts() read drafts} cheaply.
   *
   * @return the setting
   */
  public static Speculation auto() {
    return new Speculation(Mode.AUTO, 0, true);
  }

  /**
   * Never drafts.
   *
   * @return the setting
   */
  public static Speculation off() {
    return new Speculation(Mode.OFF, 0, false);
  }

  /**
   * Always drafts up to {@code k} tokens, whatever it costs: for tests and benchmarks.
   *
   * @param k the most tokens of a draft, from 1 to {@link #MAX_DRAFT_LENGTH}
   * @return the setting
   */
  public static Speculation draft(int k) {
    return new Speculation(Mode.FIXED, k, true);
  }

  /**
   * The same with or without prompt lookup.
   *
   * @param lookup whether prompt lookup drafts, ahead of the expert
   * @return the setting
   */
  public Speculation withPromptLookup(boolean lookup) {
    return new Speculation(mode, draftLength, lookup);
  }
}
