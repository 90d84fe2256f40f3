package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What of an attention is not a weight: layers of one shape share masks and kernels. Immutable.
 *
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads
 * @param headDim the width of a head
 * @param scale the factor of scores
 * @param cap the bound of scores
 * @param window how many tokens a token sees, itself included
 * @param linearBias whether scores fall with the distance
 * @param sinks whether each softmax has a score without a value
 * @param causal whether a token sees no token behind it
 */
record AttentionShape(
    int heads,
    int kvHeads,
    int headDim,
    double scale,
    OptionalDouble cap,
    OptionalInt window,
    boolean linearBias,
    boolean sinks,
    boolean causal) {
  static AttentionShape of(AttentionSpec spec) {
    return new AttentionShape(
        spec.heads(),
        spec.kvHeads(),
        spec.headDim(),
        spec.scale(),
        spec.scoreCap(),
        spec.window(),
        spec.linearBias(),
        spec.sinks().isPresent(),
        spec.causal());
  }

  /** Query heads per key head. */
  int group() {
    return heads / kvHeads;
  }

  /** Whether scores are no more than scaled products with a mask added. */
  boolean isPlain() {
    return cap.isEmpty() && !sinks;
  }

  /**
   * Whether a token's keys can be attended to part by part, the results being joined by the sums of
   * their scores: all tokens see all of the first part alike.
   */
  boolean takesParts() {
    return isPlain() && window.isEmpty() && !linearBias && causal;
  }

  boolean hasDefaultScale() {
    return scale == 1 / Math.sqrt(headDim);
  }

  /** The first position that a token at a position sees. */
  int firstKey(int position) {
    return window.isPresent() ? Math.max(0, position - window.getAsInt() + 1) : 0;
  }
}
