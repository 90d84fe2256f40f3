package io.proxytune.examples;

import io.proxytune.GenerationOptions;
import io.proxytune.Speculation;
import io.proxytune.examples.cli.Usage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a text is to be, beside its prompt: for a command, or for a line of a file. */
final class RequestOptions {
  @Mixin private final SamplingOptions sampling = new SamplingOptions();
  @Mixin private final LimitOptions limits = new LimitOptions();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Fixes the noise, so that the same request gives the same text.")
  private @Nullable Long seed;

  @Option(
      names = "--logprobs",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "N",
      description = "Report log-probabilities, with the N likeliest tokens beside each.")
  private @Nullable Integer logprobs;

  @Option(
      names = "--speculation",
      paramLabel = "auto|off|K",
      description =
          "Draft tokens ahead where it pays (the default), never, or always up to K; the text is"
              + " the same.")
  private @Nullable String speculation;

  /** Whether log-probabilities are asked for. */
  boolean reportsLogprobs() {
    return logprobs != null;
  }

  /** What is given here wins; what is not stays. */
  GenerationOptions applyTo(GenerationOptions first) {
    GenerationOptions options = limits.applyTo(sampling.applyTo(first));
    options = speculation == null ? options : options.withSpeculation(speculation(speculation));
    options = seed == null ? options : options.withSeed(seed);
    return logprobs == null ? options : options.withLogprobs(logprobs);
  }

  private static Speculation speculation(String given) {
    if (given.matches("-?\\d{1,9}")) {
      int length = Integer.parseInt(given);
      Usage.check(
          length >= 1 && length <= Speculation.MAX_DRAFT_LENGTH,
          "--speculation must be auto, off or from 1 to %s, got %s",
          Speculation.MAX_DRAFT_LENGTH,
          length);
      return Speculation.draft(length);
    }
    Usage.check(
        given.equals("auto") || given.equals("off"),
        "--speculation must be auto, off or a number, got '%s'",
        given);
    return given.equals("off") ? Speculation.off() : Speculation.auto();
  }
}
