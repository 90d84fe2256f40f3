package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.model.Logits;

/**
 * One expert pair's contribution to a step.
 *
 * @param expert the expert's rows
 * @param antiExpert the anti-expert's rows
 * @param alpha the strength, finite
 * @param sharedIds the ids that base, expert and anti-expert all have; others get no offset
 */
public record Offset(Logits expert, Logits antiExpert, double alpha, IdRange sharedIds) {
  public Offset {
    checkArgument(Double.isFinite(alpha), "alpha must be a finite number, got %s", alpha);
  }
}
