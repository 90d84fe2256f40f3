package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The angle per position of each pair of dimensions, {@code theta^(−2i / dims)}, under the scalings
 * that transformers names: {@code [dims / 2]}, in float32 on the CPU.
 */
final class RotaryFrequencies {
  private RotaryFrequencies() {}

  /** Of a pass that reaches a length. */
  static Tensor of(RotarySpec spec, int length) {
    RopeScaling scaling = spec.scaling();
    if (scaling instanceof RopeScaling.Dynamic dynamic) {
      return plain(spec.dims(), theta(spec, dynamic, length));
    }
    Tensor plain = plain(spec.dims(), spec.theta());
    if (scaling instanceof RopeScaling.Linear linear) {
      return plain.div(new Scalar(linear.factor()));
    } else if (scaling instanceof RopeScaling.Llama3 llama3) {
      return smoothed(plain, llama3);
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      return blended(plain, spec, yarn);
    } else if (scaling instanceof RopeScaling.LongRope longRope) {
      return divided(plain, longRope, length);
    }
    return plain;
  }

  /** What rotated queries and keys are multiplied by. */
  static double attentionFactor(RopeScaling scaling) {
    if (scaling instanceof RopeScaling.Yarn yarn) {
      return yarn.attentionFactor();
    }
    return scaling instanceof RopeScaling.LongRope longRope ? longRope.attentionFactor() : 1;
  }

  private static Tensor plain(int dims, double theta) {
    TensorOptions float32 = new TensorOptions(ScalarType.Float);
    Tensor exponents =
        torch
            .arange(new Scalar(0), new Scalar(dims), new Scalar(2), float32)
            .div(new Scalar((double) dims));
    return torch.pow(new Scalar(theta), exponents).reciprocal();
  }

  /** Dynamic NTK raises theta with the length that a pass reaches. */
  private static double theta(RotarySpec spec, RopeScaling.Dynamic scaling, int length) {
    if (length <= scaling.originalMaxPositions()) {
      return spec.theta();
    }
    double stretch =
        scaling.factor() * length / scaling.originalMaxPositions() - (scaling.factor() - 1);
    return spec.theta() * Math.pow(stretch, spec.dims() / (spec.dims() - 2.0));
  }

  /** Llama 3.1: long wavelengths are stretched, short ones kept, those between blended. */
  private static Tensor smoothed(Tensor plain, RopeScaling.Llama3 scaling) {
    double original = scaling.originalMaxPositions();
    double low = scaling.lowFreqFactor();
    double high = scaling.highFreqFactor();
    Tensor wavelengths = plain.reciprocal().mul(new Scalar(2 * Math.PI));
    Tensor stretched = plain.div(new Scalar(scaling.factor()));
    // 0 at the long end of the middle band, 1 at its short end.
    Tensor share =
        wavelengths
            .reciprocal()
            .mul(new Scalar(original))
            .sub(new Scalar(low))
            .div(new Scalar(high - low));
    Tensor blended = stretched.add(plain.sub(stretched).mul(share));
    Tensor isLong = wavelengths.gt(new Scalar(original / low));
    Tensor isShort = wavelengths.lt(new Scalar(original / high));
    return torch.where(isLong, stretched, torch.where(isShort, plain, blended));
  }

  /** YaRN: between two borders the share of the stretched frequency grows from 0 to 1. */
  private static Tensor blended(Tensor plain, RotarySpec spec, RopeScaling.Yarn scaling) {
    double low = Math.max(border(spec, scaling, scaling.betaFast(), false), 0);
    double high = Math.min(border(spec, scaling, scaling.betaSlow(), true), spec.dims() - 1.0);
    double range = high == low ? 0.001 : high - low;
    Tensor share =
        torch
            .arange(new Scalar(spec.dims() / 2), new TensorOptions(ScalarType.Float))
            .sub_(new Scalar(low))
            .div_(new Scalar(range))
            .clamp_(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(1.0)));
    Tensor stretched = plain.div(new Scalar(scaling.factor()));
    return stretched.mul(share).add_(plain.mul(share.neg().add_(new Scalar(1.0))));
  }

  /** The pair that turns so often within the original context. */
  private static double border(
      RotarySpec spec, RopeScaling.Yarn scaling, double turns, boolean upper) {
    double exact =
        spec.dims()
            * Math.log(scaling.originalMaxPositions() / (turns * 2 * Math.PI))
            / (2 * Math.log(spec.theta()));
    if (!scaling.truncated()) {
      return exact;
    }
    return upper ? Math.ceil(exact) : Math.floor(exact);
  }

  private static Tensor divided(Tensor plain, RopeScaling.LongRope scaling, int length) {
    boolean isLong = length > scaling.originalMaxPositions();
    List<Double> factors = isLong ? scaling.longFactors() : scaling.shortFactors();
    float[] values = new float[factors.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = factors.get(i).floatValue();
    }
    return plain.div(torch.tensor(values));
  }
}
