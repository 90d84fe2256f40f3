package io.proxytune.core.decode;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.GenerationOptions;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.session.SessionPlan;
import java.util.List;

/**
 * Sequences that are decoded together.
 *
 * @param sequences one or more, all with the same roles and the same pairs that add to the logits
 * @param plan the first one's plan
 * @param options the options of all
 * @param control what can end all from outside
 * @param prefillChunk the most prompt tokens of a sequence in a pass
 */
public record DecodeBatch(
    List<Sequence> sequences,
    SessionPlan plan,
    GenerationOptions options,
    RequestControl control,
    int prefillChunk) {
  public DecodeBatch {
    sequences = List.copyOf(sequences);
    checkArgument(!sequences.isEmpty(), "a batch needs at least one sequence, got none");
  }

  List<SteeringPair> pairs() {
    return plan.pairs();
  }

  List<ModelRole> roles() {
    return plan.roles();
  }
}
