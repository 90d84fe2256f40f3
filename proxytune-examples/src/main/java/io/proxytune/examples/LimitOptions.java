package io.proxytune.examples;

import com.google.common.collect.Sets;
import io.proxytune.GenerationOptions;
import io.proxytune.examples.cli.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When a text ends. */
final class LimitOptions {
  private static final double MAX_SECONDS = 1e9;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "COUNT",
      description = "At most so many new tokens; 256 if not given.")
  private @Nullable Integer maxNewTokens;

  @Option(
      names = "--min-new-tokens",
      paramLabel = "COUNT",
      description =
          "No end-of-text or stop id before so many new tokens; --stop ends all the same.")
  private @Nullable Integer minNewTokens;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text, which may be or hold special tokens; may be repeated.")
  private List<String> stopStrings = new ArrayList<>();

  @Option(
      names = "--stop-id",
      paramLabel = "ID",
      split = ",",
      description = "End at token ID; may be repeated.")
  private Set<Integer> stopIds = new HashSet<>();

  @Option(names = "--ignore-eos", description = "Go on after an end-of-text token of any model.")
  private boolean ignoreEos;

  @Option(
      names = "--ignore-expert-eos",
      description = "End at the base's end-of-text tokens alone, not at an expert's.")
  private boolean ignoreExpertEos;

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      description = "End when so many seconds have passed since the request began.")
  private @Nullable Double timeLimit;

  /** What is given here wins, beside the other's stops; what is not stays. */
  GenerationOptions applyTo(GenerationOptions options) {
    GenerationOptions limited =
        withMinimum(maxNewTokens == null ? options : options.withMaxNewTokens(maxNewTokens))
            .withStopStrings(
                Stream.concat(options.stopStrings().stream(), stopStrings.stream()).toList())
            .withStopIds(Sets.union(options.stopIds(), stopIds))
            .withIgnoreEndOfText(ignoreEos || options.ignoreEndOfText())
            .withIgnoreExpertEndOfText(ignoreExpertEos || options.ignoreExpertEndOfText());
    return timeLimit == null ? limited : limited.withTimeLimit(duration(timeLimit));
  }

  /** A minimum that is not given here contradicts no maximum that is. */
  private GenerationOptions withMinimum(GenerationOptions options) {
    if (minNewTokens != null) {
      return options.withMinNewTokens(minNewTokens);
    }
    return options.minNewTokens() > options.maxNewTokens()
        ? options.withMinNewTokens(options.maxNewTokens())
        : options;
  }

  private static Duration duration(double seconds) {
    Usage.check(
        seconds > 0 && seconds <= MAX_SECONDS,
        "--time-limit must be above 0 and at most %.0f seconds, got %s",
        MAX_SECONDS,
        seconds);
    return Duration.ofNanos((long) Math.ceil(seconds * 1e9));
  }
}
