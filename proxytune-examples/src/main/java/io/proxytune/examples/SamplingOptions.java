package io.proxytune.examples;

import com.google.common.collect.Sets;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.examples.cli.Usage;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are picked. */
final class SamplingOptions {
  @Option(
      names = "--greedy",
      description = "Pick the likeliest token: the default, unless an option below asks to sample.")
  private boolean greedy;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Sample at this temperature; 0 is greedy.")
  private @Nullable Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Sample from the K likeliest tokens; 0 for all.")
  private @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Sample from the likeliest tokens that hold probability P together.")
  private @Nullable Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Sample from tokens at least P times as likely as the likeliest.")
  private @Nullable Double minP;

  @Option(
      names = "--typical-p",
      paramLabel = "P",
      description = "Sample from the locally typical tokens that hold probability P together.")
  private @Nullable Double typicalP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      description = "Weaken tokens of the prompt and the output; 1 for none.")
  private @Nullable Double repetitionPenalty;

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      description = "Subtract X for each time that a token is in the output.")
  private @Nullable Double frequencyPenalty;

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      description = "Subtract X once from tokens of the output.")
  private @Nullable Double presencePenalty;

  @Option(
      names = "--logit-bias",
      paramLabel = "ID=VALUE",
      description = "Add VALUE to the logit of token ID; may be repeated.")
  private Map<Integer, Double> logitBias = new LinkedHashMap<>();

  @Option(
      names = "--ban",
      paramLabel = "ID",
      split = ",",
      description = "Never emit token ID; may be repeated.")
  private Set<Integer> banned = new HashSet<>();

  /** What is given here wins; what is not stays. */
  GenerationOptions applyTo(GenerationOptions options) {
    Penalties penalties = options.penalties();
    return options
        .withSampler(sampler(options.sampler()))
        .withPenalties(
            new Penalties(
                orElse(repetitionPenalty, penalties.repetition()),
                orElse(frequencyPenalty, penalties.frequency()),
                orElse(presencePenalty, penalties.presence())))
        .withLogitBias(biases(options.logitBias()))
        .withBannedIds(Sets.union(options.bannedIds(), banned));
  }

  private Map<Integer, Double> biases(Map<Integer, Double> given) {
    Map<Integer, Double> all = new LinkedHashMap<>(given);
    all.putAll(logitBias);
    return all;
  }

  private Sampler sampler(Sampler given) {
    boolean plain = Stream.of(temperature, topK, topP, minP, typicalP).allMatch(Objects::isNull);
    Usage.check(
        plain || !greedy,
        "--greedy excludes --temperature, --top-k, --top-p, --min-p and --typical-p");
    if (plain) {
      return greedy ? Sampler.greedy() : given;
    }
    return given instanceof StandardSampler standard && !standard.isGreedy()
        ? changed(standard)
        : changed(Sampler.temperature(1));
  }

  private StandardSampler changed(StandardSampler given) {
    return new StandardSampler(
        orElse(temperature, given.temperature()),
        topK == null ? given.topK() : topK,
        orElse(topP, given.topP()),
        orElse(minP, given.minP()),
        orElse(typicalP, given.typicalP()));
  }

  private static double orElse(@Nullable Double value, double other) {
    return value == null ? other : value;
  }
}
