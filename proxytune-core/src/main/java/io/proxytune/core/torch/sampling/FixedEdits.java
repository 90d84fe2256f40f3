package io.proxytune.core.torch.sampling;

import com.google.common.primitives.Ints;
import io.proxytune.core.constraint.TokenMask;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.sampling.StepRules;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The edits of a plan that stay the same from step to step, as tensors on one device. */
final class FixedEdits implements AutoCloseable {
  private final TensorSet owned = new TensorSet();
  private final int width;
  private final Tensor biasedIds;
  private final Tensor biases;
  private final Tensor bannedIds;
  private final Tensor endIds;

  /** Uploads them to the device of a row; ids that it has no logit for are never picked anyway. */
  FixedEdits(SamplingPlan plan, Tensor row) {
    width = (int) row.size(0);
    Map<Integer, Double> bias = plan.logitBias();
    int[] ids = Ints.toArray(bias.keySet());
    double[] values = new double[ids.length];
    for (int i = 0; i < ids.length; i++) {
      values[i] = bias.get(ids[i]);
    }
    biasedIds = owned.keep(HeapTensors.upload(ids, row));
    biases = owned.keep(HeapTensors.upload(values, row));
    bannedIds = owned.keep(upload(plan.bannedIds(), row));
    endIds = owned.keep(upload(plan.endIds(), row));
  }

  private static int[] inRow(Set<Integer> ids, int width) {
    return ids.stream().mapToInt(Integer::intValue).filter(id -> id >= 0 && id < width).toArray();
  }

  /** Whether these tensors are where a row is, and for its width. */
  boolean fits(Tensor row) {
    return row.size(0) == width && row.device().equals(biasedIds.device());
  }

  /** Adds the bias. */
  void bias(Tensor row) {
    if (biasedIds.numel() > 0) {
      Tensor values = row.index_select(0, biasedIds).to(ScalarType.Double).add_(biases);
      row.index_copy_(0, biasedIds, values.to(ScalarType.Float));
    }
  }

  /** Bans what the plan bans, with the rules of this step, and what would end a text too early. */
  void ban(Tensor row, StepRules rules, boolean endIdsToo) {
    Tensor forced = upload(rules.forced(), row);
    Tensor before = row.index_select(0, forced);
    ban(row, upload(rules.banned(), row));
    if (endIdsToo) {
      ban(row, endIds);
    }
    if (!rules.forced().isEmpty()) {
      force(row, forced, before);
    }
    ban(row, upload(rules.bannedAfterwards(), row));
    ban(row, bannedIds);
  }

  /** Bans what a mask does not let through. */
  static void keepOnly(Tensor row, TokenMask mask) {
    int width = (int) row.size(0);
    int[] ids = Arrays.stream(mask.ids()).filter(id -> id < width).toArray();
    Tensor listed = HeapTensors.upload(ids, row);
    if (mask.listsAllowed()) {
      Tensor kept = row.index_select(0, listed);
      row.fill_(new Scalar(Double.NEGATIVE_INFINITY));
      row.index_copy_(0, listed, kept);
    } else {
      ban(row, listed);
    }
  }

  private static void ban(Tensor row, Tensor ids) {
    if (ids.numel() > 0) {
      row.index_fill_(0, ids, new Scalar(Double.NEGATIVE_INFINITY));
    }
  }

  /** Ids that had no chance before any ban, such as those without a token, can't be forced. */
  private static void force(Tensor row, Tensor ids, Tensor before) {
    Scalar banned = new Scalar(Double.NEGATIVE_INFINITY);
    row.fill_(banned);
    row.index_copy_(0, ids, before.masked_fill_(before.gt(banned), new Scalar(0.0)));
  }

  private Tensor upload(Set<Integer> ids, Tensor row) {
    return HeapTensors.upload(inRow(ids, width), row);
  }

  @Override
  public void close() {
    owned.close();
  }
}
