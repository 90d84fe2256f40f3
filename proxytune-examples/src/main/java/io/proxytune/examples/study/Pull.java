package io.proxytune.examples.study;

import io.proxytune.examples.report.Figures;
import java.util.Optional;

/**
 * What steers a base: a pair, or an expert with nothing against it. Immutable.
 *
 * @param expert the tuned model
 * @param against the anti-expert, if any
 * @param weight how strongly, α
 */
record Pull(Made expert, Optional<Made> against, double weight) {
  static Pull of(Made expert, Made against, double weight) {
    return new Pull(expert, Optional.of(against), weight);
  }

  String name() {
    String strength = Figures.parameter(weight) + "·";
    return against
        .map(it -> strength + "(" + expert.name() + " − " + it.name() + ")")
        .orElse(strength + expert.name());
  }
}
