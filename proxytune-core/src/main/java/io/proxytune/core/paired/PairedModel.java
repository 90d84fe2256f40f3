package io.proxytune.core.paired;

import io.proxytune.model.LogitModel;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.List;

/** A model whose passes can run beside those of another. Safe for use as {@link LogitModel} is. */
public interface PairedModel extends LogitModel {
  /**
   * Whether passes of both may be faster side by side than one after the other.
   *
   * @param other another model
   * @return whether {@link #forwardBoth} takes it
   */
  boolean pairsWith(LogitModel other);

  /**
   * Does what {@link #forward} of both models does, in whatever order or at the same time. Neither
   * model's rows depend on that.
   *
   * @param own what this model reads
   * @param other a model that this one pairs with
   * @param others what that one reads
   * @return this model's rows and the other's, both of which are there: who waits for them gets
   *     them, or what {@link #forward} would have thrown, at once. The caller closes both
   */
  List<PendingLogits> forwardBoth(List<Segment> own, LogitModel other, List<Segment> others);
}
