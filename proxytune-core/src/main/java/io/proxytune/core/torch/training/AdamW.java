package io.proxytune.core.torch.training;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Steps of AdamW (arXiv 1711.05101) over flat vectors. */
final class AdamW {
  private AdamW() {}

  /**
   * One step; the gradient is zero afterwards.
   *
   * @param step counted from 1
   * @param gradientScale what the gradient is multiplied by first
   * @return the scaled gradient's length before it was clipped
   */
  static double step(
      ParameterStore store, AdamSettings settings, double rate, int step, double gradientScale) {
    Tensor gradient = store.gradient().to(ScalarType.Float);
    double norm = torch.linalg_vector_norm(gradient).item_float() * gradientScale;
    double scale = gradientScale * Math.min(1, settings.clipNorm() / (norm + 1e-6));
    gradient.mul_(new Scalar(scale));
    store.mean().lerp_(gradient, new Scalar(1 - settings.beta1()));
    store
        .square()
        .mul_(new Scalar(settings.beta2()))
        .addcmul_(gradient, gradient, new Scalar(1 - settings.beta2()));
    Tensor root = store.square().sqrt();
    root.div_(new Scalar(Math.sqrt(1 - Math.pow(settings.beta2(), step))));
    root.add_(new Scalar(settings.epsilon()));
    store
        .master()
        .narrow(0, 0, store.layout().decaying())
        .mul_(new Scalar(1 - rate * settings.weightDecay()));
    double corrected = rate / (1 - Math.pow(settings.beta1(), step));
    store.master().addcdiv_(store.mean(), root, new Scalar(-corrected));
    store.gradient().zero_();
    store.publish();
    return norm;
  }
}
