package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.TokenConstraints;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Published generation settings as options that give what transformers' {@code generate} gives: its
 * defaults where a setting is absent, and its leniency: ids without a logit are suppressed anyway,
 * and minimums may be negative.
 */
final class PublishedOptions {
  /** What transformers samples from where {@code top_k} is absent. */
  private static final int DEFAULT_TOP_K = 50;

  private static final double MAX_SECONDS = 1e9;

  private final SettingsJson json;
  private final int width;
  private final Set<Integer> endOfTextIds;

  PublishedOptions(SettingsJson json, int width, Set<Integer> endOfTextIds) {
    this.json = json;
    this.width = width;
    this.endOfTextIds = endOfTextIds;
  }

  GenerationOptions options() {
    try {
      return wanted();
    } catch (IllegalArgumentException e) { // what options refuse whoever asks
      throw json.contradiction(String.valueOf(e.getMessage()));
    }
  }

  private GenerationOptions wanted() {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSampler(json.flag("do_sample") ? sampler() : Sampler.greedy())
            .withPenalties(Penalties.NONE.withRepetition(repetitionPenalty()))
            .withBannedIds(suppressed("suppress_tokens"))
            .withConstraints(constraints())
            .withStopStrings(json.texts("stop_strings"));
    Optional<Double> seconds =
        json.number("max_time", s -> s > 0 && s <= MAX_SECONDS, "seconds in (0, 1e9]");
    return withMinimum(
        withMaximum(seconds.map(s -> options.withTimeLimit(duration(s))).orElse(options)));
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos((long) Math.ceil(seconds * 1e9));
  }

  private StandardSampler sampler() {
    double temperature =
        json.number(
                "temperature", t -> t >= 0 && t < Double.POSITIVE_INFINITY, "a finite number >= 0")
            .orElse(1.0);
    double topP = json.number("top_p", p -> p >= 0, "a number of at least 0").orElse(1.0);
    double typicalP = json.number("typical_p", p -> p > 0, "a number above 0").orElse(1.0);
    double minP = json.number("min_p", p -> p >= 0 && p <= 1, "a number in [0, 1]").orElse(0.0);
    StandardSampler sampler =
        Sampler.temperature(topP == 0 ? 0 : temperature) // the likeliest token alone is left
            .withTopK(json.integer("top_k", 0).orElse(DEFAULT_TOP_K))
            .withMinP(minP)
            .withTypicalP(Math.min(1, typicalP));
    return topP == 0 ? sampler : sampler.withTopP(Math.min(1, topP));
  }

  private double repetitionPenalty() {
    return json.number(
            "repetition_penalty",
            x -> x >= Float.MIN_NORMAL && x <= Float.MAX_VALUE,
            "a number above 0 that float32 has")
        .orElse(1.0);
  }

  private Set<Integer> suppressed(String key) {
    return json.integers(key).stream()
        .filter(id -> id >= 0 && id < width)
        .collect(Collectors.toSet());
  }

  private TokenConstraints constraints() {
    TokenConstraints constraints =
        TokenConstraints.NONE
            .withBannedSequences(bannedSequences())
            .withBannedAtBegin(suppressed("begin_suppress_tokens"))
            .withNoRepeatNgramSize(
                Math.max(0, json.integer("no_repeat_ngram_size", Integer.MIN_VALUE).orElse(0)))
            .withForcedEndIds(forced("forced_eos_token_id"));
    for (int id : forced("forced_bos_token_id")) {
      constraints = constraints.withForcedBeginId(id);
    }
    return constraints;
  }

  private List<List<Integer>> bannedSequences() {
    return json.sequences("bad_words_ids", width).stream()
        .filter(sequence -> !sequence.isEmpty())
        .filter(sequence -> sequence.size() > 1 || !endOfTextIds.contains(sequence.get(0)))
        .toList();
  }

  private Set<Integer> forced(String key) {
    Set<Integer> forced = new HashSet<>(json.ids(key, width));
    if (!forced.isEmpty() && suppressed("suppress_tokens").containsAll(forced)) {
      throw json.contradiction(
          lenientFormat("suppress_tokens holds every id that %s forces: %s", key, forced));
    }
    return forced;
  }

  private GenerationOptions withMaximum(GenerationOptions options) {
    Optional<Integer> tokens = json.integer("max_new_tokens", 1);
    return tokens
        .map(options::withMaxNewTokens)
        .or(() -> json.integer("max_length", 2).map(options::withMaxLength))
        .orElse(options);
  }

  /** A minimum above the maximum bans the end of the text up to there, and no more. */
  private GenerationOptions withMinimum(GenerationOptions options) {
    Optional<Integer> tokens = json.integer("min_new_tokens", Integer.MIN_VALUE);
    return tokens
        .map(count -> Math.min(Math.max(0, count), options.maxNewTokens()))
        .map(options::withMinNewTokens)
        .or(
            () ->
                json.integer("min_length", Integer.MIN_VALUE)
                    .map(length -> options.withMinLength(Math.max(0, length))))
        .orElse(options);
  }
}
