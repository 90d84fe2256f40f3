package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What a {@link Fusion} adds to the base: a source, or the difference of two, times a weight.
 * Immutable.
 *
 * <p>A term has a place among the terms of its tuner, counted from 0 behind the builder's own
 * pairs. There its source is the {@link Role#EXPERT}, and what is subtracted from it the {@link
 * Role#ANTI_EXPERT}: so {@link Prompt#withText(Role, int, String)} gives it a prompt of its own. A
 * source may stand in several places, the base's own too: its weights are in memory once, and one
 * pass reads all its prompts.
 *
 * <p>Tokens that a pair lacks get no offset. A source alone gives those that it lacks probability
 * 0: with a weight above 0 they can't be picked in the spaces of logits, with one below they are
 * not raised.
 *
 * @param source what is added
 * @param against what is subtracted from it, if anything is
 * @param weight any finite number; negative steers away
 */
public record FusionTerm(LogitSource source, Optional<LogitSource> against, double weight) {
  public FusionTerm {
    requireNonNull(source, "source");
    requireNonNull(against, "against");
    checkArgument(Double.isFinite(weight), "weight must be a finite number, got %s", weight);
  }

  /**
   * A source alone.
   *
   * @param source the model
   * @param weight any finite number
   * @return the term
   */
  public static FusionTerm of(LogitSource source, double weight) {
    return new FusionTerm(source, Optional.empty(), weight);
  }

  /**
   * A pair, as {@link ExpertPair} is one.
   *
   * @param expert what is added
   * @param antiExpert what is subtracted
   * @param weight any finite number
   * @return the term
   */
  public static FusionTerm pair(LogitSource expert, LogitSource antiExpert, double weight) {
    return new FusionTerm(expert, Optional.of(antiExpert), weight);
  }
}
