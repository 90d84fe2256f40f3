package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one request asks for: immutable. Start from {@link #defaults()} and change what you need.
 *
 * <p>The order inside a step: fuse → logit bias → repetition, frequency and presence penalties →
 * banned sequences, and end-of-text ids below the minimum of new tokens → forced tokens → banned
 * ids → logits processors → sampler.
 */
public final class GenerationOptions extends GenerationValues {
  private static final GenerationOptions DEFAULTS = new GenerationOptions();

  private GenerationOptions() {}

  /** A copy with a change. */
  private GenerationOptions with(Consumer<GenerationOptions> change) {
    try {
      GenerationOptions copy = (GenerationOptions) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Greedy, at most 256 new tokens, no penalties, no limits.
   *
   * @return the default options
   */
  public static GenerationOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Picks tokens another way.
   *
   * @param sampler how a token is picked
   * @return new options
   */
  public GenerationOptions withSampler(Sampler sampler) {
    return with(set -> set.sampler = requireNonNull(sampler, "sampler"));
  }

  /**
   * Picks tokens with the application's own code, such as a lambda.
   *
   * @param sampler how a token is picked
   * @return new options
   */
  public GenerationOptions withSampler(Sampler.Custom sampler) {
    return withSampler((Sampler) sampler);
  }

  /**
   * Fixes the noise, so that the same request gives the same text. Without one, a seed is drawn and
   * reported by {@link Generation#seed()}.
   *
   * @param seed any number
   * @return new options
   */
  public GenerationOptions withSeed(long seed) {
    return with(set -> set.seed = OptionalLong.of(seed));
  }

  /**
   * Limits the new tokens, instead of the length with the prompt.
   *
   * @param count at least 1
   * @return new options
   */
  public GenerationOptions withMaxNewTokens(int count) {
    checkArgument(count >= 1, "maxNewTokens must be >= 1, got %s", count);
    return with(
        set -> {
          set.maxNewTokens = count;
          set.maxLength = OptionalInt.empty();
        });
  }

  /**
   * Limits the base's prompt and the new tokens together, instead of the new ones. A request whose
   * prompt leaves room for no new token is refused.
   *
   * @param tokens at least 2
   * @return new options
   */
  public GenerationOptions withMaxLength(int tokens) {
    checkArgument(tokens >= 2, "maxLength must be >= 2, got %s", tokens);
    return with(
        set -> {
          set.maxNewTokens = tokens - 1; // after the shortest prompt
          set.maxLength = OptionalInt.of(tokens);
        });
  }

  /**
   * Bans end-of-text and stop ids until this many new tokens are there, instead of up to a length
   * with the prompt. A stop string ends the text all the same, unless it is a special token.
   *
   * @param count at least 0
   * @return new options
   */
  public GenerationOptions withMinNewTokens(int count) {
    checkArgument(count >= 0, "minNewTokens must be >= 0, got %s", count);
    return with(
        set -> {
          set.minNewTokens = count;
          set.minLength = OptionalInt.empty();
        });
  }

  /**
   * Bans end-of-text and stop ids until the base's prompt and the new tokens are this many, instead
   * of the new ones alone.
   *
   * @param tokens at least 0
   * @return new options
   */
  public GenerationOptions withMinLength(int tokens) {
    checkArgument(tokens >= 0, "minLength must be >= 0, got %s", tokens);
    return with(
        set -> {
          set.minNewTokens = 0; // after a prompt that is long enough
          set.minLength = OptionalInt.of(tokens);
        });
  }

  /**
   * Goes on after an end-of-text id of any model, as benchmarks need.
   *
   * @param ignore whether to go on
   * @return new options
   */
  public GenerationOptions withIgnoreEndOfText(boolean ignore) {
    return with(set -> set.ignoreEndOfText = ignore);
  }

  /**
   * Goes on after an id that ends a text for an expert alone.
   *
   * <p>Without it a text ends at the {@linkplain LogitSource#endOfTextIds() end-of-text ids} of the
   * base and of every model that it is steered towards: of a pair's expert or, where α is negative,
   * of its anti-expert. So the answer of a chat-tuned expert ends where the expert ends it. An id
   * counts if it means the same token to the base. A pair that adds nothing to the logits, as with
   * α = 0, adds no ids.
   *
   * @param ignore whether only the base's own ids end the text
   * @return new options
   */
  public GenerationOptions withIgnoreExpertEndOfText(boolean ignore) {
    return with(set -> set.ignoreExpertEndOfText = ignore);
  }

  /**
   * Ends the text when one of these ids is picked, beside the models' end-of-text ids.
   *
   * @param ids token ids, at least 0
   * @return new options
   */
  public GenerationOptions withStopIds(Set<Integer> ids) {
    ids.forEach(id -> checkArgument(id >= 0, "a stop id must be >= 0, got %s", id));
    return with(set -> set.stopIds = Set.copyOf(ids));
  }

  /**
   * Ends the text before the first of these strings, as {@link #withStopStrings(List)}.
   *
   * @param strings the strings, none empty
   * @return new options
   */
  public GenerationOptions withStopStrings(String... strings) {
    return withStopStrings(Arrays.asList(strings));
  }

  /**
   * Ends the text before the first of these strings, also where it spans tokens.
   *
   * <p>Special tokens leave no text, but a stop string may name them: one that is a special token,
   * such as {@code <|im_end|>}, counts as {@linkplain #withStopIds a stop id} too, and one that
   * holds special tokens beside text matches where these were picked.
   *
   * @param strings the strings, none empty
   * @return new options
   */
  public GenerationOptions withStopStrings(List<String> strings) {
    strings.forEach(s -> checkArgument(!s.isEmpty(), "a stop string must not be empty"));
    return with(set -> set.stopStrings = List.copyOf(strings));
  }

  /**
   * Writes special tokens into the text as they are spelled, such as the marks around what a model
   * thinks; all others leave no text. One that ends the text leaves none either.
   *
   * @param tokens as the vocabulary spells them, such as {@code [THINK]}; those that it lacks, or
   *     that leave text anyway, change nothing
   * @return new options
   */
  public GenerationOptions withWrittenSpecialTokens(Set<String> tokens) {
    return with(set -> set.writtenSpecialTokens = Set.copyOf(tokens));
  }

  /**
   * Penalises tokens that occurred before.
   *
   * @param penalties the penalties
   * @return new options
   */
  public GenerationOptions withPenalties(Penalties penalties) {
    return with(set -> set.penalties = requireNonNull(penalties, "penalties"));
  }

  /**
   * Adds to the logits of single tokens.
   *
   * @param bias by token id, of magnitudes that float32 has: at most {@link Float#MAX_VALUE}
   * @return new options
   * @throws IllegalArgumentException if an id is negative, or a bias is out of range
   */
  public GenerationOptions withLogitBias(Map<Integer, Double> bias) {
    bias.forEach(
        (id, value) -> {
          checkArgument(id >= 0, "logit bias: an id must be >= 0, got %s", id);
          LogitNumbers.requireSummand(value, "logit bias of id " + id);
        });
    return with(set -> set.logitBias = Map.copyOf(bias));
  }

  /**
   * Never emits these tokens.
   *
   * @param ids token ids, at least 0
   * @return new options
   */
  public GenerationOptions withBannedIds(Set<Integer> ids) {
    ids.forEach(id -> checkArgument(id >= 0, "a banned id must be >= 0, got %s", id));
    return with(set -> set.bannedIds = Set.copyOf(ids));
  }

  /**
   * Says which tokens may, or must, stand where.
   *
   * @param constraints the constraints
   * @return new options
   */
  public GenerationOptions withConstraints(TokenConstraints constraints) {
    return with(set -> set.constraints = requireNonNull(constraints, "constraints"));
  }

  /**
   * Binds the text to a form, such as JSON of a schema. Log-probabilities stay those of the
   * distribution before it.
   *
   * @param constraint the form
   * @return new options
   */
  public GenerationOptions withConstraint(Constraint constraint) {
    return with(set -> set.constraint = Optional.of(constraint));
  }

  /**
   * Lets the application edit the logits, in this order.
   *
   * @param processors the processors
   * @return new options
   */
  public GenerationOptions withProcessors(List<? extends LogitsProcessor> processors) {
    return with(set -> set.processors = List.copyOf(processors));
  }

  /**
   * Ends the text when this much time has passed since the request began.
   *
   * @param limit above zero
   * @return new options
   */
  public GenerationOptions withTimeLimit(Duration limit) {
    checkArgument(
        !limit.isNegative() && !limit.isZero(), "the time limit must be above 0, got %s", limit);
    return with(set -> set.timeLimit = Optional.of(limit));
  }

  /**
   * Reports log-probabilities of each token: of the fused distribution and of each model, with the
   * likeliest alternatives.
   *
   * @param top the number of alternatives, at least 0
   * @return new options
   */
  public GenerationOptions withLogprobs(int top) {
    checkArgument(top >= 0, "the number of alternatives must be >= 0, got %s", top);
    return with(set -> set.topLogprobs = top);
  }

  /**
   * Tells of each token what steering did to it ({@link Token#trace()}). All models run then, also
   * those that change nothing.
   *
   * @param trace whether it is told
   * @return new options
   */
  public GenerationOptions withTrace(boolean trace) {
    return with(set -> set.trace = trace);
  }

  /**
   * Drafts tokens ahead, or not: a matter of speed that changes no text.
   *
   * @param speculation when to draft, and how much
   * @return new options
   */
  public GenerationOptions withSpeculation(Speculation speculation) {
    return with(set -> set.speculation = requireNonNull(speculation, "speculation"));
  }
}
