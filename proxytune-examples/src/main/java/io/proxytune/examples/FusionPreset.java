package io.proxytune.examples;

import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.examples.cli.Usage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The presets of {@link Fusion} by name. */
enum FusionPreset {
  PROXY_TUNING(Needs.ANYTHING),
  DEXPERTS(Needs.PAIRS),
  EMULATED_FINE_TUNING(Needs.PAIRS),
  CONTRASTIVE(Needs.ONE_SOURCE),
  SAFE_DECODING(Needs.ONE_SOURCE),
  REALIGN(Needs.ONE_SOURCE),
  MIXTURE(Needs.ONE_SOURCE),
  UNLEARN(Needs.ONE_SOURCE),
  CONTEXT_AWARE(Needs.THE_BASE),
  CLASSIFIER_FREE(Needs.THE_BASE);

  private enum Needs {
    ANYTHING,
    PAIRS,
    ONE_SOURCE,
    THE_BASE
  }

  private final Needs needs;

  FusionPreset(Needs needs) {
    this.needs = needs;
  }

  /** As it is typed. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the base stands in two places more, with a prompt of its own in one. */
  boolean readsTheBaseTwice() {
    return needs == Needs.THE_BASE;
  }

  /** Refuses other models than it takes. */
  void check(int pairs, int sources) {
    switch (needs) {
      case PAIRS ->
          Usage.check(
              pairs > 0 && sources == 0,
              "--preset %s is of pairs: give --expert and --anti-expert, and no --source",
              word());
      case ONE_SOURCE ->
          Usage.check(
              pairs == 0 && sources == 1,
              "--preset %s is of the base and one --source MODEL; there are %s, and %s pairs",
              word(),
              sources,
              pairs);
      case THE_BASE ->
          Usage.check(
              pairs == 0 && sources == 0,
              "--preset %s is of the base alone, with --anti-expert-prompt: leave out the other"
                  + " models",
              word());
      case ANYTHING -> {}
    }
  }

  /** Refuses what is of other models than pairs, whose strengths can be varied. */
  void checkOfPairs() {
    Usage.check(
        needs == Needs.ANYTHING || needs == Needs.PAIRS,
        "%s has no pairs whose strength could be varied: name proxy-tuning, dexperts or"
            + " emulated-fine-tuning",
        word());
  }

  /**
   * The fusion of what {@link #check} lets through; pairs are the tuner's own.
   *
   * @param weights the number of each source, or the preset's; NaN where none was given
   */
  Fusion fusion(LogitSource base, List<LogitSource> sources, List<Double> weights) {
    return switch (this) {
      case PROXY_TUNING -> sum(sources, weights);
      case DEXPERTS -> withoutTerms(Fusion.dexperts(base, base, 1));
      case EMULATED_FINE_TUNING -> withoutTerms(Fusion.emulatedFineTuning(base, base));
      case CONTRASTIVE -> Fusion.contrastive(sources.get(0));
      case SAFE_DECODING -> Fusion.safeDecoding(base, sources.get(0));
      case REALIGN -> Fusion.realign(base, sources.get(0), number(weights, 0.5));
      case MIXTURE -> Fusion.mixture(base, sources.get(0), number(weights, 0.5));
      case UNLEARN -> Fusion.unlearn(sources.get(0), number(weights, 1));
      case CONTEXT_AWARE -> Fusion.contextAware(base, number(weights, 0.5));
      case CLASSIFIER_FREE -> Fusion.classifierFree(base, number(weights, 1.5));
    };
  }

  private static Fusion sum(List<LogitSource> sources, List<Double> weights) {
    Fusion sum = Fusion.proxyTuning();
    for (int i = 0; i < sources.size(); i++) {
      sum = sum.withSource(sources.get(i), number(weights.subList(i, i + 1), 1));
    }
    return sum;
  }

  private static Fusion withoutTerms(Fusion fusion) {
    return new Fusion(fusion.space(), fusion.candidates(), fusion.strength(), List.of());
  }

  private static double number(List<Double> weights, double otherwise) {
    return weights.isEmpty() || weights.get(0).isNaN() ? otherwise : weights.get(0);
  }

  /** Finds a preset by its word. */
  static final class Converter implements ITypeConverter<FusionPreset> {
    @Override
    public FusionPreset convert(String value) {
      return Arrays.stream(values())
          .filter(preset -> preset.word().equals(value.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected one of "
                          + Arrays.stream(values())
                              .map(FusionPreset::word)
                              .collect(Collectors.joining(", "))
                          + ", got '"
                          + value
                          + "'"));
    }
  }
}
