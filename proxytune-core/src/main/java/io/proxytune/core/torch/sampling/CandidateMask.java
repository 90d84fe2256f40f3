package io.proxytune.core.torch.sampling;

import io.proxytune.CandidateSet;
import io.proxytune.CandidateSet.Common;
import io.proxytune.CandidateSet.InBothTop;
import io.proxytune.CandidateSet.InEitherTop;
import io.proxytune.CandidateSet.OfBase;
import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Scale;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Which ids of a row are no candidates. The tensors belong to the caller's scope. */
final class CandidateMask {
  private final Tensor own;
  private final double largest;

  /**
   * Of a row that is usable.
   *
   * @param own the base's own row, float32 {@code [width]}
   * @param largest its largest value, finite
   */
  CandidateMask(Tensor own, double largest) {
    this.own = own;
    this.largest = largest;
  }

  boolean isOfBase(CandidateSet set) {
    return set instanceof OfBase;
  }

  /** Nothing is left out. */
  Tensor none() {
    return own.isnan();
  }

  /**
   * The mask.
   *
   * @param other the other model's row of the base's ids, usable; not read where the set is of the
   *     base alone
   */
  Tensor others(CandidateSet set, Tensor other, double otherLargest) {
    if (set instanceof OfBase base) {
      return dropped(own, largest, base);
    }
    if (set instanceof Common common) {
      return uncommon(common.count(), other);
    }
    boolean both = set instanceof InBothTop;
    int k = set instanceof InBothTop top ? top.k() : ((InEitherTop) set).k();
    OfBase top = new OfBase(k, 1, 0);
    Tensor first = dropped(own, largest, top);
    Tensor second = dropped(other, otherLargest, top);
    return both ? first.logical_or_(second) : first.logical_and_(second);
  }

  private static Tensor dropped(Tensor row, double largest, OfBase set) {
    StandardSampler filter = new StandardSampler(1, set.topK(), set.topP(), set.plausible(), 1);
    return new DeviceRow(row, new Scale(largest, 1)).filtered(filter).dropped();
  }

  /** Those that come with a larger k than the last that is needed. */
  private Tensor uncommon(int count, Tensor other) {
    Scalar never = new Scalar(Long.MAX_VALUE);
    Tensor needed = torch.maximum(ranks(own), ranks(other));
    Tensor lacking = own.isneginf().logical_or_(other.isneginf());
    needed.masked_fill_(lacking, never);
    Tensor last = needed.sort(0, false).get0().narrow(0, Math.min(count, needed.size(0)) - 1, 1);
    return needed.gt(last).logical_or_(lacking);
  }

  /** How many ids come before each, ties by ascending id. */
  private static Tensor ranks(Tensor row) {
    Tensor order = row.sort(new BoolOptional(true), 0, true).get1();
    Tensor places = torch.arange(new Scalar(row.size(0))).to(row.device(), order.scalar_type());
    return order.clone().scatter_(0, order, places);
  }
}
