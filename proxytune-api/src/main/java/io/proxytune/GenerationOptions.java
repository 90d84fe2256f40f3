package io.proxytune;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What one request asks for: immutable. Start from {@link #defaults()} and change what you need.
 *
 * <p>The order inside a step: fuse → logit bias → repetition, frequency and presence penalties →
 * banned ids, and end-of-text ids below the minimum of new tokens → logits processors → sampler.
 */
public final class GenerationOptions {
  private static final GenerationOptions DEFAULTS = new GenerationOptions(new Settings());

  private final Settings settings;

  private GenerationOptions(Settings settings) {
    this.settings = settings;
  }

  /** The values; never changed once an instance of the outer class holds them. */
  private static final class Settings implements Cloneable {
    private Sampler sampler = Sampler.greedy();
    private OptionalLong seed = OptionalLong.empty();
    private int maxNewTokens = 256;
    private int minNewTokens;
    private boolean ignoreEndOfText;
    private Set<Integer> stopIds = Set.of();
    private List<String> stopStrings = List.of();
    private Penalties penalties = Penalties.NONE;
    private Map<Integer, Double> logitBias = Map.of();
    private Set<Integer> bannedIds = Set.of();
    private List<LogitsProcessor> processors = List.of();
    private Optional<Duration> timeLimit = Optional.empty();
    private int topLogprobs = -1;
    private Speculation speculation = Speculation.auto();

    private Settings copy() {
      try {
        return (Settings) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A copy with a change. */
  private GenerationOptions with(Consumer<Settings> change) {
    Settings copy = settings.copy();
    change.accept(copy);
    return new GenerationOptions(copy);
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
   * Limits the new tokens.
   *
   * @param count at least 1
   * @return new options
   */
  public GenerationOptions withMaxNewTokens(int count) {
    checkArgument(count >= 1, "maxNewTokens must be >= 1, got %s", count);
    return with(set -> set.maxNewTokens = count);
  }

  /**
   * Bans end-of-text and stop ids until this many new tokens are there.
   *
   * @param count at least 0
   * @return new options
   */
  public GenerationOptions withMinNewTokens(int count) {
    checkArgument(count >= 0, "minNewTokens must be >= 0, got %s", count);
    return with(set -> set.minNewTokens = count);
  }

  /**
   * Goes on after an end-of-text id, as benchmarks need.
   *
   * @param ignore whether to go on
   * @return new options
   */
  public GenerationOptions withIgnoreEndOfText(boolean ignore) {
    return with(set -> set.ignoreEndOfText = ignore);
  }

  /**
   * Ends the text when one of these ids is picked, beside the base's end-of-text ids.
   *
   * @param ids token ids, at least 0
   * @return new options
   */
  public GenerationOptions withStopIds(Set<Integer> ids) {
    ids.forEach(id -> checkArgument(id >= 0, "a stop id must be >= 0, got %s", id));
    return with(set -> set.stopIds = Set.copyOf(ids));
  }

  /**
   * Ends the text before the first of these strings, also where it spans tokens.
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
   * @param strings the strings, none empty
   * @return new options
   */
  public GenerationOptions withStopStrings(List<String> strings) {
    strings.forEach(s -> checkArgument(!s.isEmpty(), "a stop string must not be empty"));
    return with(set -> set.stopStrings = List.copyOf(strings));
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
   * @param bias finite numbers by token id
   * @return new options
   */
  public GenerationOptions withLogitBias(Map<Integer, Double> bias) {
    bias.forEach(
        (id, value) -> {
          checkArgument(id >= 0, "logit bias: an id must be >= 0, got %s", id);
          checkArgument(
              Double.isFinite(value), "logit bias of id %s must be finite, got %s", id, value);
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
   * Drafts tokens ahead, or not: a matter of speed that changes no text.
   *
   * @param speculation when to draft, and how much
   * @return new options
   */
  public GenerationOptions withSpeculation(Speculation speculation) {
    return with(set -> set.speculation = requireNonNull(speculation, "speculation"));
  }

  /**
   * How a token is picked.
   *
   * @return the sampler
   */
  public Sampler sampler() {
    return settings.sampler;
  }

  /**
   * The seed, if one was given.
   *
   * @return the seed
   */
  public OptionalLong seed() {
    return settings.seed;
  }

  /**
   * The most new tokens.
   *
   * @return at least 1
   */
  public int maxNewTokens() {
    return settings.maxNewTokens;
  }

  /**
   * The least new tokens.
   *
   * @return at least 0
   */
  public int minNewTokens() {
    return settings.minNewTokens;
  }

  /**
   * Whether end-of-text ids are tokens like others.
   *
   * @return whether to go on after one
   */
  public boolean ignoreEndOfText() {
    return settings.ignoreEndOfText;
  }

  /**
   * The ids that end the text.
   *
   * @return token ids, unmodifiable
   */
  public Set<Integer> stopIds() {
    return settings.stopIds;
  }

  /**
   * The strings that end the text.
   *
   * @return the strings, unmodifiable
   */
  public List<String> stopStrings() {
    return settings.stopStrings;
  }

  /**
   * The penalties.
   *
   * @return the penalties
   */
  public Penalties penalties() {
    return settings.penalties;
  }

  /**
   * What is added to single logits.
   *
   * @return numbers by token id, unmodifiable
   */
  public Map<Integer, Double> logitBias() {
    return settings.logitBias;
  }

  /**
   * The ids that are never emitted.
   *
   * @return token ids, unmodifiable
   */
  public Set<Integer> bannedIds() {
    return settings.bannedIds;
  }

  /**
   * The application's edits.
   *
   * @return the processors, unmodifiable
   */
  public List<LogitsProcessor> processors() {
    return settings.processors;
  }

  /**
   * The time limit, if one was given.
   *
   * @return the time limit
   */
  public Optional<Duration> timeLimit() {
    return settings.timeLimit;
  }

  /**
   * Whether log-probabilities are reported.
   *
   * @return whether {@link #withLogprobs} was called
   */
  public boolean logprobs() {
    return settings.topLogprobs >= 0;
  }

  /**
   * The number of alternatives reported with log-probabilities.
   *
   * @return 0 or more
   */
  public int topLogprobs() {
    return Math.max(0, settings.topLogprobs);
  }

  /**
   * When tokens are drafted ahead.
   *
   * @return the setting, {@link Speculation#auto()} unless changed
   */
  public Speculation speculation() {
    return settings.speculation;
  }

  @Override
  public String toString() {
    Map<String, Object> shown = new TreeMap<>();
    shown.put("sampler", settings.sampler);
    shown.put("maxNewTokens", settings.maxNewTokens);
    settings.seed.ifPresent(seed -> shown.put("seed", seed));
    settings.timeLimit.ifPresent(limit -> shown.put("timeLimit", limit));
    if (!settings.stopStrings.isEmpty()) {
      shown.put("stopStrings", settings.stopStrings);
    }
    return shown.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(", ", "GenerationOptions[", "]"));
  }
}
