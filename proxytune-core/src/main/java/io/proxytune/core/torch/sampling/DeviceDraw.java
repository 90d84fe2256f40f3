package io.proxytune.core.torch.sampling;

import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Candidates;
import io.proxytune.core.sampling.Filters;
import io.proxytune.core.sampling.Filters.TypicalSet;
import io.proxytune.core.sampling.Scale;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A draw from one row. Without filters every id's noise is computed on the device. Otherwise the
 * device only finds what the first filter needs: sums over the row, and a growing number of its
 * likeliest tokens until the filter is settled. The rest is a matter of a few tokens and happens on
 * the heap, in the code that defines it.
 */
final class DeviceDraw {
  /** Enough for most nuclei, and hardly dearer than one token. */
  private static final int FIRST_PORTION = 256;

  private static final int GROWTH = 16;

  /** Beyond it, copying and sorting the row on the heap is quicker. */
  private static final int LARGEST_PORTION = 4096;

  private final Tensor row;
  private final int width;
  private final Scale scale;

  /**
   * Prepares a draw.
   *
   * @param row float32 {@code [width]}, neither NaN nor +∞
   * @param scale by its largest logit
   */
  DeviceDraw(Tensor row, Scale scale) {
    this.row = row;
    this.width = (int) row.size(0);
    this.scale = scale;
  }

  /** Picks an id. */
  int draw(StandardSampler sampler, long noiseKey) {
    if (sampler.topK() > 0) {
      Candidates kept = prefix(0, sampler.topK() + 1, all -> Filters.topK(all, sampler.topK()));
      return Filters.apply(kept, sampler.withTopK(0)).draw(noiseKey);
    }
    if (sampler.topP() < 1) {
      Candidates kept = prefix(logTotal(), 1, all -> Filters.topP(all, sampler.topP()));
      return Filters.apply(kept, sampler.withTopP(1)).draw(noiseKey);
    }
    if (sampler.minP() > 0) {
      Candidates kept = prefix(0, 1, all -> Filters.minP(all, sampler.minP()));
      return Filters.apply(kept, sampler.withMinP(0)).draw(noiseKey);
    }
    return sampler.typicalP() < 1 ? typical(sampler).draw(noiseKey) : drawFromAll(noiseKey);
  }

  private int drawFromAll(long noiseKey) {
    Tensor noise = DeviceNoise.gumbel(noiseKey, width, row.device());
    return (int) scores().add_(noise).argmax().item_long();
  }

  private Candidates prefix(double logTotal, int atLeast, ToIntFunction<Candidates> filter) {
    Candidates likeliest = likeliest(logTotal, atLeast, filter);
    return likeliest.first(filter.applyAsInt(likeliest));
  }

  /**
   * The likeliest tokens, at least so many that a filter that keeps a number of the likeliest is
   * settled: its last token differs from the last one listed, with which tokens not listed may tie.
   */
  Candidates likeliest(double logTotal, int atLeast, ToIntFunction<Candidates> filter) {
    for (int portion = Math.max(FIRST_PORTION, atLeast);
        portion <= LARGEST_PORTION && portion < width;
        portion *= GROWTH) {
      T_TensorTensor_T top = row.topk(portion, 0, true, false);
      Candidates listed = candidates(top.get0(), top.get1(), logTotal);
      boolean complete = listed.size() < portion; // all others are banned
      int kept = filter.applyAsInt(listed);
      if (complete || isSettled(listed, kept)) {
        return listed;
      }
    }
    return Candidates.ofRow(HeapTensors.floats(row), scale);
  }

  private static boolean isSettled(Candidates listed, int kept) {
    return kept == 0 || listed.score(kept - 1) > listed.score(listed.size() - 1);
  }

  private Candidates candidates(Tensor logits, Tensor ids, double logTotal) {
    double[] both = HeapTensors.doubles(logits, ids);
    int half = both.length / 2;
    return Candidates.ofSome(
        Arrays.copyOf(both, half), Arrays.copyOfRange(both, half, both.length), scale, logTotal);
  }

  private Candidates typical(StandardSampler sampler) {
    Tensor scores = scores();
    Tensor logTotal = scores.logsumexp(0);
    Tensor logprobs = scores.sub_(logTotal);
    Tensor negativeEntropy = logprobs.exp().mul_(logprobs).nansum();
    double[] sums = HeapTensors.doubles(logTotal, negativeEntropy);
    Tensor distance = logprobs.sub_(negativeEntropy).abs_();
    for (int portion = FIRST_PORTION;
        portion <= LARGEST_PORTION && portion < width;
        portion *= GROWTH) {
      Tensor ids = distance.topk(portion, 0, false, false).get1();
      Candidates listed = candidates(row.index_select(0, ids), ids, sums[0]);
      TypicalSet typical = Filters.typical(listed, -sums[1], sampler.typicalP());
      if (typical.settled()) {
        return typical.kept();
      }
    }
    return Filters.apply(Candidates.ofRow(HeapTensors.floats(row), scale), sampler);
  }

  /** The log of the sum of {@code exp(score)} over the row. */
  double logTotal() {
    return scores().logsumexp(0).item_double();
  }

  /** The scores of all ids, float64, {@code [width]}, a copy. */
  private Tensor scores() {
    return row.to(ScalarType.Double)
        .sub_(new Scalar(scale.largest()))
        .div_(new Scalar(scale.temperature()));
  }
}
