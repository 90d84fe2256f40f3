package io.proxytune.core.torch.sampling;

import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Filters;
import io.proxytune.core.sampling.Scale;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A row of logits on its device and the {@link Filters} of it, each of them a row in which what is
 * dropped is banned. Nothing is sorted, and no more than a few sums come to the heap. The tensors
 * belong to the caller's scope.
 */
final class DeviceRow {
  /** In nats; tokens that are less likely by more seldom decide anything. */
  private static final double SPAN = 32;

  private final Tensor logits;
  private final Scale scale;
  private @Nullable Tensor masses;

  /**
   * A row.
   *
   * @param logits float32 {@code [width]}, neither NaN nor +∞
   * @param scale by its largest logit
   */
  DeviceRow(Tensor logits, Scale scale) {
    this.logits = logits;
    this.scale = scale;
  }

  int width() {
    return (int) logits.size(0);
  }

  /** Asks for the likeliest tokens. */
  Likeliest.Question likeliest(int count, Download download) {
    TopK top = TopK.of(logits, Math.min(count, width()));
    return new Likeliest.Question(
        download.add(top.logits()), download.add(top.ids()), width(), scale);
  }

  /** The logits of some ids. */
  Tensor at(int[] ids) {
    return logits.index_select(0, HeapTensors.upload(ids, logits));
  }

  /** The sum of {@code exp(score)}, float64, a scalar. */
  Tensor total() {
    return masses().sum();
  }

  /** What all filters of a sampler keep. */
  DeviceRow filtered(StandardSampler sampler) {
    DeviceRow kept = sampler.topK() > 0 ? topK(sampler.topK()) : this;
    kept = sampler.topP() < 1 ? kept.topP(sampler.topP()) : kept;
    kept = sampler.minP() > 0 ? kept.minP(sampler.minP()) : kept;
    return sampler.typicalP() < 1 ? kept.typical(sampler.typicalP()) : kept;
  }

  /** The ids that are dropped or banned, a mask. */
  Tensor dropped() {
    return logits.isneginf();
  }

  private DeviceRow topK(int k) {
    double kth = scale.score(-cut(units(), k).key());
    return from(scale.leastLogit(score -> score >= kth));
  }

  private DeviceRow topP(double p) {
    double total = total().item_double();
    return first(masses(), (p - Filters.MASS_TOLERANCE) * total);
  }

  private DeviceRow minP(double p) {
    return from(scale.leastLogit(score -> Math.exp(score) >= p));
  }

  /** The likeliest tokens, ties by ascending id. */
  DeviceRow first(int count) {
    return first(units(), count);
  }

  private DeviceRow first(Tensor tokenMasses, double target) {
    MassCut cut = cut(tokenMasses, target);
    float last = (float) -cut.key();
    DeviceRow kept = from(last);
    long needed = cut.needed(target);
    if (needed < cut.count()) {
      Tensor ties = logits.eq(new Scalar((double) last)).nonzero().squeeze(1);
      Tensor dropped = ties.narrow(0, needed, cut.count() - needed);
      kept.logits.index_fill_(0, dropped, banned());
    }
    return kept;
  }

  private MassCut cut(Tensor tokenMasses, double target) {
    double span = SPAN * scale.temperature();
    return MassCut.find(logits.neg(), tokenMasses, target, -scale.largest(), span);
  }

  /** The tokens with at least this logit; one operation, where a mask would be two slow ones. */
  private DeviceRow from(float least) {
    Scalar below = new Scalar((double) Math.nextDown(least));
    return new DeviceRow(torch.threshold(logits, below, banned()), scale);
  }

  private DeviceRow typical(double p) {
    Tensor total = total();
    Tensor logprobs = scores().sub_(total.log());
    Tensor probabilities = masses().div(total);
    Tensor negativeEntropy = logprobs.mul(probabilities).nansum();
    Tensor distances = logprobs.sub_(negativeEntropy).abs_();
    MassCut cut = MassCut.find(distances, probabilities, p - Filters.MASS_TOLERANCE, 0, SPAN);
    Tensor dropped = distances.gt(new Scalar(cut.key()));
    return new DeviceRow(logits.masked_fill(dropped, banned()), scale);
  }

  /** {@code exp(score)}, float64, {@code [width]}. */
  private Tensor masses() {
    Tensor existing = masses;
    if (existing == null) {
      existing = scores().exp_();
      masses = existing;
    }
    return existing;
  }

  /** 1 for each token, 0 for those banned. */
  private Tensor units() {
    return logits.isfinite().to(ScalarType.Double);
  }

  /** The scores of all ids, float64, {@code [width]}, a copy. */
  private Tensor scores() {
    return logits
        .to(ScalarType.Double)
        .sub_(new Scalar(scale.largest()))
        .div_(new Scalar(scale.temperature()));
  }

  private static Scalar banned() {
    return new Scalar(Double.NEGATIVE_INFINITY);
  }
}
