package io.proxytune.examples;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.SteeringProfile;
import io.proxytune.Strength;
import io.proxytune.examples.cli.Usage;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How the models' rows are fused, where that is not proxy-tuning. */
final class FusionOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      converter = FusionPreset.Converter.class,
      description =
          "How models are fused: proxy-tuning (the default), dexperts or emulated-fine-tuning of"
              + " the pairs; contrastive, safe-decoding, realign, mixture or unlearn with one"
              + " --source; context-aware or classifier-free with --anti-expert-prompt.")
  private FusionPreset preset = FusionPreset.PROXY_TUNING;

  @ArgGroup(exclusive = false, multiplicity = "0..*")
  private @Nullable List<SourceOptions> sources;

  @Option(
      names = "--space",
      paramLabel = "SPACE",
      converter = FusionWords.SpaceConverter.class,
      description = "What is added: logits, log-probabilities or probabilities.")
  private Fusion.@Nullable Space space;

  @Option(
      names = "--candidates",
      paramLabel = "SET",
      converter = FusionWords.CandidatesConverter.class,
      description =
          "Which tokens may be picked: all, top-k:K, top-p:P or plausible:BETA of the base,"
              + " both-top:K, either-top:K or common:COUNT of the base and the first term.")
  private @Nullable CandidateSet candidates;

  @Option(
      names = "--strength",
      paramLabel = "RULE",
      converter = FusionWords.StrengthConverter.class,
      description =
          "A factor of all weights: a number, first:TOKENS, linear:FROM:TO:TOKENS, kl-matched,"
              + " kl-matched:MOST, or 1 where the base's entropy:NATS is at least that or its"
              + " top-probability:P at most. Experts are not run for tokens with 0, but for the"
              + " share :AUDITED of these (0.05), which tells what is lost.")
  private @Nullable Strength strength;

  /** A model alone and its number; naming an option again begins the next. */
  static final class SourceOptions {
    @Option(
        names = "--source",
        paramLabel = "MODEL",
        description =
            "A model that is added alone, or that a preset takes; loaded as experts are. May be"
                + " repeated.")
    private @Nullable String source;

    @Option(
        names = "--weight",
        paramLabel = "W",
        description =
            "Its weight, 1 if not given, or the preset's number: the share of mixture, the lambda"
                + " of realign, the strength of unlearn, the alpha of context-aware, the guidance"
                + " of classifier-free.")
    private @Nullable Double weight;

    @Nullable String source() {
      return source;
    }

    @Nullable Double weight() {
      return weight;
    }
  }

  FusionPreset preset() {
    return preset;
  }

  /** The models that are loaded for it: folders, or names on the Hub. */
  List<String> sources() {
    return given().stream().map(SourceOptions::source).flatMap(Stream::ofNullable).toList();
  }

  private List<SourceOptions> given() {
    return sources == null ? List.of() : sources;
  }

  /** Whether it is proxy-tuning, and nothing else. */
  boolean isPlain() {
    return preset == FusionPreset.PROXY_TUNING
        && given().isEmpty()
        && space == null
        && candidates == null
        && strength == null;
  }

  /** Whether it is a preset of pairs, and nothing else. */
  boolean isPreset() {
    return given().isEmpty()
        && space == null
        && candidates == null
        && strength == null
        && SteeringProfile.Preset.of(preset.word()).isPresent();
  }

  /** Whether it adds something to the base by itself. */
  boolean hasTerms() {
    return !sources().isEmpty() || preset.readsTheBaseTwice();
  }

  /**
   * Refuses what can't work, before anything is loaded.
   *
   * @param pairs how many expert pairs are given
   */
  void check(int pairs) {
    preset.check(pairs, sources().size());
    for (SourceOptions each : given()) {
      Usage.check(
          each.source != null || preset.readsTheBaseTwice(),
          "--weight %s has no --source MODEL beside it",
          each.weight);
      Usage.check(
          each.weight == null || Double.isFinite(each.weight),
          "--weight must be a finite number, got %s",
          each.weight);
    }
  }

  /**
   * Refuses what needs another prompt for one of the models.
   *
   * @param command whose requests have one prompt for all
   */
  void checkOnePrompt(String command) {
    Usage.check(
        !preset.readsTheBaseTwice(),
        "--preset %s compares two prompts, and a request to '%s' has one",
        preset.word(),
        command);
  }

  /**
   * What the options say.
   *
   * @param base the base
   * @param loaded the sources, in their order
   */
  Fusion fusion(LogitSource base, List<LogitSource> loaded) {
    return fusion(preset, base, loaded);
  }

  /** The same with another preset. */
  Fusion fusion(FusionPreset of, LogitSource base, List<LogitSource> loaded) {
    List<Double> weights =
        given().stream().map(SourceOptions::weight).map(w -> w == null ? Double.NaN : w).toList();
    Fusion fusion = of.fusion(base, loaded, weights);
    fusion = space == null ? fusion : fusion.withSpace(space);
    fusion = candidates == null ? fusion : fusion.withCandidates(candidates);
    return strength == null ? fusion : fusion.withStrength(strength);
  }
}
