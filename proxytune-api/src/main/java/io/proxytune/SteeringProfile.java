package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How strongly each expert pair steers for one use, chosen beforehand and kept in a file:
 * immutable. {@link ProxyTunerBuilder#profile} takes it; {@code io.proxytune.core.SteeringProfiles}
 * reads and writes the file, and {@code tune-alpha --save} of the command line chooses what is in
 * it.
 *
 * @param alphas the strength α of each pair, finite, in the order of the pairs; at least one
 * @param preset how the pairs are fused
 * @param chosenOn what the strengths were chosen on, in words; may be empty
 * @param date when they were chosen
 */
public record SteeringProfile(List<Double> alphas, Preset preset, String chosenOn, LocalDate date) {
  /** How pairs are fused. */
  public enum Preset {
    /** As {@link Fusion#proxyTuning()}. */
    PROXY_TUNING,

    /** As {@link Fusion#dexperts}: among the base's top-p tokens. */
    DEXPERTS,

    /** As {@link Fusion#emulatedFineTuning}: in log-probabilities. */
    EMULATED_FINE_TUNING;

    /**
     * The fusion, without terms: those are the pairs.
     *
     * @return the fusion
     */
    public Fusion fusion() {
      return switch (this) {
        case PROXY_TUNING -> Fusion.proxyTuning();
        case DEXPERTS -> Fusion.proxyTuning().withCandidates(CandidateSet.topP(0.9));
        case EMULATED_FINE_TUNING -> Fusion.proxyTuning().withSpace(Fusion.Space.LOG_PROBABILITIES);
      };
    }

    /**
     * As files and the command line spell it, such as {@code proxy-tuning}.
     *
     * @return the word
     */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The preset of a word.
     *
     * @param word as {@link #word()} spells it
     * @return the preset, if there is one
     */
    public static Optional<Preset> of(String word) {
      return Arrays.stream(values()).filter(preset -> preset.word().equals(word)).findFirst();
    }
  }

  public SteeringProfile {
    alphas = List.copyOf(alphas);
    requireNonNull(preset, "preset");
    requireNonNull(chosenOn, "chosenOn");
    requireNonNull(date, "date");
    checkArgument(!alphas.isEmpty(), "a steering profile needs the strength of at least one pair");
    checkArgument(
        alphas.stream().allMatch(Double::isFinite),
        "the strengths of a steering profile must be finite, got %s",
        alphas);
  }

  /**
   * Gives pairs the strengths of this profile.
   *
   * @param pairs as many as it has strengths, in its order
   * @return the same models at these strengths
   * @throws IllegalArgumentException if there are more or fewer
   */
  public List<ExpertPair> applyTo(List<ExpertPair> pairs) {
    checkArgument(
        pairs.size() == alphas.size(),
        "the steering profile has strengths for %s expert pairs, %s, and there are %s: give the"
            + " pairs that it was chosen for, in their order",
        alphas.size(),
        alphas,
        pairs.size());
    ExpertPair[] steered = new ExpertPair[pairs.size()];
    Arrays.setAll(steered, i -> pairs.get(i).withAlpha(alphas.get(i)));
    return List.of(steered);
  }
}
