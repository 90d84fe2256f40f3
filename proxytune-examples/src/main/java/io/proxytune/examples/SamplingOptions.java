package io.proxytune.examples;

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
  private double repetitionPenalty = Penalties.NONE.repetition();

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      description = "Subtract X for each time that a token is in the output.")
  private double frequencyPenalty = Penalties.NONE.frequency();

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      description = "Subtract X once from tokens of the output.")
  private double presencePenalty = Penalties.NONE.presence();

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

  GenerationOptions applyTo(GenerationOptions options) {
    return options
        .withSampler(sampler())
        .withPenalties(new Penalties(repetitionPenalty, frequencyPenalty, presencePenalty))
        .withLogitBias(logitBias)
        .withBannedIds(banned);
  }

  private Sampler sampler() {
    boolean plain = Stream.of(temperature, topK, topP, minP, typicalP).allMatch(Objects::isNull);
    Usage.check(
        plain || !greedy,
        "--greedy excludes --temperature, --top-k, --top-p, --min-p and --typical-p");
    return plain ? Sampler.greedy() : drawing();
  }

  private StandardSampler drawing() {
    return new StandardSampler(
        orElse(temperature, 1),
        topK == null ? 0 : topK,
        orElse(topP, 1),
        orElse(minP, 0),
        orElse(typicalP, 1));
  }

  private static double orElse(@Nullable Double value, double other) {
    return value == null ? other : value;
  }
}
