package io.proxytune.examples.diagnosis;

import java.util.List;

/**
 * What a step costs: immutable.
 *
 * @param roles the passes in the order in which a step runs them, the base's first
 * @param steered milliseconds a token of the steered text
 * @param alone milliseconds a token of the base alone
 */
public record StepTimes(List<RoleTime> roles, double steered, double alone) {
  public StepTimes {
    roles = List.copyOf(roles);
  }

  /**
   * One pass of a step.
   *
   * @param role for people, such as {@code expert 2}, or {@code expert and anti-expert} where they
   *     share weights
   * @param milliseconds the median of a pass of one token
   */
  public record RoleTime(String role, double milliseconds) {}

  private double total() {
    return roles.stream().mapToDouble(RoleTime::milliseconds).sum();
  }

  /** The share of the passes' time that a role takes. */
  double share(RoleTime role) {
    return role.milliseconds() / total();
  }

  /** The share that all but the base take. */
  double addedShare() {
    return 1 - roles.get(0).milliseconds() / total();
  }
}
