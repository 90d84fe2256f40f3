package io.proxytune;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The values of {@link GenerationOptions}, and how they are read, compared and shown. Never changed
 * once an instance has been handed out.
 */
abstract sealed class GenerationValues implements Cloneable permits GenerationOptions {
  private static final String NOT_SET = "none";

  Sampler sampler = Sampler.greedy();
  OptionalLong seed = OptionalLong.empty();
  int maxNewTokens = 256;
  int minNewTokens;
  OptionalInt maxLength = OptionalInt.empty();
  OptionalInt minLength = OptionalInt.empty();
  boolean ignoreEndOfText;
  boolean ignoreExpertEndOfText;
  Set<Integer> stopIds = Set.of();
  List<String> stopStrings = List.of();
  Set<String> writtenSpecialTokens = Set.of();
  Penalties penalties = Penalties.NONE;
  Map<Integer, Double> logitBias = Map.of();
  Set<Integer> bannedIds = Set.of();
  TokenConstraints constraints = TokenConstraints.NONE;
  Optional<Constraint> constraint = Optional.empty();
  List<LogitsProcessor> processors = List.of();
  Optional<Duration> timeLimit = Optional.empty();
  int topLogprobs = -1;
  boolean trace;
  Speculation speculation = Speculation.auto();

  /**
   * How a token is picked.
   *
   * @return the sampler
   */
  public Sampler sampler() {
    return sampler;
  }

  /**
   * The seed, if one was given.
   *
   * @return the seed
   */
  public OptionalLong seed() {
    return seed;
  }

  /**
   * The most new tokens, whatever the prompt is.
   *
   * @return at least 1
   */
  public int maxNewTokens() {
    return maxNewTokens;
  }

  /**
   * The most new tokens after a prompt.
   *
   * @param promptTokens the number of tokens of the base's prompt, at least 1
   * @return the number; less than 1 where a {@link GenerationOptions#withMaxLength maximum of the
   *     length} leaves room for none
   */
  public int maxNewTokens(int promptTokens) {
    return maxLength.isPresent() ? maxLength.getAsInt() - promptTokens : maxNewTokens;
  }

  /**
   * The least new tokens, whatever the prompt is.
   *
   * @return at least 0
   */
  public int minNewTokens() {
    return minNewTokens;
  }

  /**
   * The least new tokens after a prompt.
   *
   * @param promptTokens the number of tokens of the base's prompt, at least 1
   * @return at least 0
   */
  public int minNewTokens(int promptTokens) {
    return minLength.isPresent() ? Math.max(0, minLength.getAsInt() - promptTokens) : minNewTokens;
  }

  /**
   * Whether end-of-text ids are tokens like others.
   *
   * @return whether to go on after one
   */
  public boolean ignoreEndOfText() {
    return ignoreEndOfText;
  }

  /**
   * Whether the experts' end-of-text ids are tokens like others, unless they are the base's too.
   *
   * @return whether to go on after one
   */
  public boolean ignoreExpertEndOfText() {
    return ignoreExpertEndOfText;
  }

  /**
   * The ids that end the text.
   *
   * @return token ids, unmodifiable
   */
  public Set<Integer> stopIds() {
    return stopIds;
  }

  /**
   * The strings that end the text.
   *
   * @return the strings, unmodifiable
   */
  public List<String> stopStrings() {
    return stopStrings;
  }

  /**
   * The special tokens that leave their text.
   *
   * @return the tokens as the vocabulary spells them, unmodifiable
   */
  public Set<String> writtenSpecialTokens() {
    return writtenSpecialTokens;
  }

  /**
   * The penalties.
   *
   * @return the penalties
   */
  public Penalties penalties() {
    return penalties;
  }

  /**
   * What is added to single logits.
   *
   * @return numbers by token id, unmodifiable
   */
  public Map<Integer, Double> logitBias() {
    return logitBias;
  }

  /**
   * The ids that are never emitted.
   *
   * @return token ids, unmodifiable
   */
  public Set<Integer> bannedIds() {
    return bannedIds;
  }

  /**
   * Which tokens may, or must, stand where.
   *
   * @return the constraints, {@link TokenConstraints#NONE} unless changed
   */
  public TokenConstraints constraints() {
    return constraints;
  }

  /**
   * The form that the text must have, if there is one.
   *
   * @return the form
   */
  public Optional<Constraint> constraint() {
    return constraint;
  }

  /**
   * The application's edits.
   *
   * @return the processors, unmodifiable
   */
  public List<LogitsProcessor> processors() {
    return processors;
  }

  /**
   * The time limit, if one was given.
   *
   * @return the time limit
   */
  public Optional<Duration> timeLimit() {
    return timeLimit;
  }

  /**
   * Whether log-probabilities are reported.
   *
   * @return whether {@link GenerationOptions#withLogprobs} was called
   */
  public boolean logprobs() {
    return topLogprobs >= 0;
  }

  /**
   * The number of alternatives reported with log-probabilities.
   *
   * @return 0 or more
   */
  public int topLogprobs() {
    return Math.max(0, topLogprobs);
  }

  /**
   * Whether each token is given a {@link TokenTrace}.
   *
   * @return false unless changed
   */
  public boolean trace() {
    return trace;
  }

  /**
   * When tokens are drafted ahead.
   *
   * @return the setting, {@link Speculation#auto()} unless changed
   */
  public Speculation speculation() {
    return speculation;
  }

  /** Every value by name, in a fixed order: what equality and text are made of. */
  private Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("sampler", sampler);
    values.put("seed", seed.isPresent() ? seed.getAsLong() : NOT_SET);
    values.put("maxNewTokens", maxNewTokens);
    values.put("minNewTokens", minNewTokens);
    values.put("maxLength", maxLength.isPresent() ? maxLength.getAsInt() : NOT_SET);
    values.put("minLength", minLength.isPresent() ? minLength.getAsInt() : NOT_SET);
    values.put("ignoreEndOfText", ignoreEndOfText);
    values.put("ignoreExpertEndOfText", ignoreExpertEndOfText);
    values.put("stopIds", new TreeSet<>(stopIds));
    values.put("stopStrings", stopStrings);
    values.put("writtenSpecialTokens", new TreeSet<>(writtenSpecialTokens));
    values.put("penalties", penalties);
    values.put("logitBias", new TreeMap<>(logitBias));
    values.put("bannedIds", new TreeSet<>(bannedIds));
    values.put("constraints", constraints);
    values.put("constraint", constraint.<Object>map(it -> it).orElse(NOT_SET));
    values.put("processors", processors);
    values.put("timeLimit", timeLimit.isPresent() ? timeLimit.get() : NOT_SET);
    values.put("logprobs", logprobs() ? topLogprobs : NOT_SET);
    values.put("trace", trace);
    values.put("speculation", speculation);
    return values;
  }

  /** Whether all values are equal; an application's own samplers and processors by identity. */
  @Override
  public final boolean equals(Object other) {
    return other instanceof GenerationValues options && values().equals(options.values());
  }

  @Override
  public final int hashCode() {
    return values().hashCode();
  }

  /**
   * The sampler, the most new tokens, and what else is not as it is by default; long values lose
   * their middle.
   */
  @Override
  public final String toString() {
    GenerationValues defaults = GenerationOptions.defaults();
    Map<String, Object> standard = defaults.values();
    Set<String> always = Set.of("sampler", "maxNewTokens");
    return values().entrySet().stream()
        .filter(e -> always.contains(e.getKey()) || !e.getValue().equals(standard.get(e.getKey())))
        .map(e -> e.getKey() + "=" + MessageText.brief(e.getValue()))
        .collect(joining(", ", "GenerationOptions[", "]"));
  }
}
