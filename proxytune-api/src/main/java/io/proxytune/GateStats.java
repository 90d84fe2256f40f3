package io.proxytune;

/**
 * How often a {@link Strength} that is not the same for all tokens left a text unsteered, how often
 * the experts were not even run, and what was lost by it, as far as it was looked at: immutable.
 *
 * @param unsteered the tokens that the base decided alone, by a strength of 0
 * @param unasked those of them for which no expert was run
 * @param audited those for which the experts were asked to know what is lost
 * @param changed the audited tokens where full strength would have put another token first
 * @param divergence KL(steered at full strength ‖ base) in nats, the mean of the audited tokens; 0
 *     where there are none
 */
public record GateStats(int unsteered, int unasked, int audited, int changed, double divergence) {
  /** Nothing was left out. */
  public static final GateStats NONE = new GateStats(0, 0, 0, 0, 0);

  /**
   * The share of the audited tokens where full strength would have put another token first: an
   * estimate of how many of the unsteered tokens would have been steered.
   *
   * @return from 0 to 1; 0 where none was audited
   */
  public double changedShare() {
    return audited == 0 ? 0 : (double) changed / audited;
  }
}
