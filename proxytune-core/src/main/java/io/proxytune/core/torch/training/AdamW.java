package io.proxytune.core.torch.training;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Steps of AdamW (arXiv 1711.05101) over flat vectors. */
final class AdamW {
  private AdamW() {}

  /**
   * One step; the gradient is zero afterwards.
   *
   * @param rate the learning rate
   * @param step counted from 1
   * @return the gradient's length before it was clipped
   */
  static double step(ParameterStore store, AdamSettings settings, double rate, int step) {
    Tensor gradient = store.scratch().copy_(store.gradient());
    double norm = torch.linalg_vector_norm(gradient).item_float();
    if (norm > settings.clipNorm()) {
      gradient.mul_(new Scalar(settings.clipNorm() / (norm + 1e-6)));
    }
    store.mean().lerp_(gradient, new Scalar(1 - settings.beta1()));
    Scalar squareShare = new Scalar(1 - settings.beta2());
    store.square().mul_(new Scalar(settings.beta2())).addcmul_(gradient, gradient, squareShare);
    update(store, settings, rate, step);
    store.gradient().zero_();
    store.publish();
    return norm;
  }

  /** {@code w ← (1 − rate · decay) w − rate · m̂ / (√v̂ + ε)} with the moments' bias corrected. */
  private static void update(ParameterStore store, AdamSettings settings, double rate, int step) {
    double meanBias = 1 - Math.pow(settings.beta1(), step);
    double rootBias = Math.sqrt(1 - Math.pow(settings.beta2(), step));
    // The gradient is used up; both sides of the fraction are multiplied by rootBias.
    Tensor root = torch.sqrt_out(store.scratch(), store.square());
    root.add_(new Scalar(settings.epsilon() * rootBias));
    if (settings.weightDecay() > 0) {
      store
          .master()
          .narrow(0, 0, store.layout().decaying())
          .mul_(new Scalar(1 - rate * settings.weightDecay()));
    }
    store.master().addcdiv_(store.mean(), root, new Scalar(-rate * rootBias / meanBias));
  }
}
