package io.proxytune.examples.study;

import io.proxytune.Speculation;
import io.proxytune.Strength;
import java.util.List;

/**
 * A system that answers: a base and what steers it, or a model alone. Immutable.
 *
 * @param base the model that is steered, or that answers alone
 * @param pulls what steers it; empty where it answers alone
 * @param strength of all pulls, token by token
 * @param speculation how texts are drafted
 */
record Mix(Made base, List<Pull> pulls, Strength strength, Speculation speculation) {
  Mix {
    pulls = List.copyOf(pulls);
  }

  static Mix alone(Made model) {
    return of(model, List.of());
  }

  static Mix of(Made base, Pull... pulls) {
    return of(base, List.of(pulls));
  }

  private static Mix of(Made base, List<Pull> pulls) {
    return new Mix(base, pulls, Strength.constant(1), Speculation.off());
  }

  Mix withStrength(Strength other) {
    return new Mix(base, pulls, other, speculation);
  }

  Mix withSpeculation(Speculation other) {
    return new Mix(base, pulls, strength, other);
  }

  /** Tells it from all others. */
  String name() {
    StringBuilder name = new StringBuilder(base.name());
    pulls.forEach(pull -> name.append(" + ").append(pull.name()));
    return name.append(", ").append(strength).append(", ").append(speculation).toString();
  }
}
