package io.proxytune.core.adapter;

import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What frameworks let a request say of sampling and length; null for what it does not say.
 *
 * @param temperature 0 is greedy
 * @param topP the nucleus
 * @param topK the number of likeliest tokens
 * @param frequencyPenalty as OpenAI's
 * @param presencePenalty as OpenAI's
 * @param maxTokens the most new tokens
 * @param stops strings that end the answer; none is as good as null
 */
public record ChatSettings(
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable Double frequencyPenalty,
    @Nullable Double presencePenalty,
    @Nullable Integer maxTokens,
    @Nullable List<String> stops) {
  /**
   * Changes what the request says.
   *
   * @param first the options of a request that says nothing
   * @return options
   * @throws IllegalArgumentException if a value is out of range
   */
  public GenerationOptions applyTo(GenerationOptions first) {
    GenerationOptions options = first.withPenalties(penalties(first.penalties()));
    if (temperature != null || topP != null || topK != null) {
      options = options.withSampler(sampler(first.sampler()));
    }
    if (maxTokens != null) {
      options = options.withMaxNewTokens(maxTokens);
    }
    return stops == null || stops.isEmpty() ? options : options.withStopStrings(stops);
  }

  private Penalties penalties(Penalties first) {
    return new Penalties(
        first.repetition(),
        frequencyPenalty == null ? first.frequency() : frequencyPenalty,
        presencePenalty == null ? first.presence() : presencePenalty);
  }

  private Sampler sampler(Sampler first) {
    StandardSampler given = first instanceof StandardSampler known ? known : Sampler.temperature(1);
    return new StandardSampler(
        temperature == null ? given.temperature() : temperature,
        topK == null ? given.topK() : topK,
        topP == null ? given.topP() : topP,
        given.minP(),
        given.typicalP());
  }
}
