package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embeddings (arXiv 2104.09864) in the half-split form of the published Llama
 * checkpoints, with the scalings that transformers names. All in float32, like there. Immutable but
 * for {@link #close()}; safe for use by several threads.
 */
public final class Rotary implements AutoCloseable {
  private final DecoderConfig config;
  private final TorchDevice device;
  private final ScalarType dtype;

  /** {@code [headDim]}, float32; negative in the first half, whose sines then are so too. */
  private final Tensor frequencies;

  /**
   * Angles of the tokens of a pass, each {@code [tokens, 1, headDim]}; sines signed for {@link
   * #rotate}.
   *
   * @param cosines of the angles
   * @param signedSines of the angles, those of the first half negated
   */
  public record Angles(Tensor cosines, Tensor signedSines) {}

  /**
   * Computes the frequencies, in the current scope.
   *
   * @param config the model's sizes, theta and scaling
   * @param device where the angles will be
   * @param dtype the angles' dtype
   */
  public Rotary(DecoderConfig config, TorchDevice device, ScalarType dtype) {
    this.config = config;
    this.device = device;
    this.dtype = dtype;
    this.frequencies = Native.keep(signed(scaled(frequencies(config.ropeTheta()))));
  }

  private Tensor signed(Tensor plain) {
    return torch
        .cat(new TensorVector(plain.neg(), plain), 0)
        .to(device.toTorch(), ScalarType.Float);
  }

  /** {@code theta^(−2i / headDim)}. */
  private Tensor frequencies(double theta) {
    TensorOptions float32 = new TensorOptions(ScalarType.Float);
    Tensor exponents =
        torch
            .arange(new Scalar(0), new Scalar(config.headDim()), new Scalar(2), float32)
            .div(new Scalar((double) config.headDim()));
    return torch.pow(new Scalar(theta), exponents).reciprocal();
  }

  private Tensor scaled(Tensor plain) {
    RopeScaling scaling = config.ropeScaling();
    if (scaling instanceof RopeScaling.Linear linear) {
      return plain.div(new Scalar(linear.factor()));
    }
    return scaling instanceof RopeScaling.Llama3 llama3 ? smoothed(plain, llama3) : plain;
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

  /**
   * The angles of a segment.
   *
   * @param position the position of its first token
   * @param count the number of its tokens
   * @return their angles, in the current scope
   */
  public Angles angles(int position, int count) {
    TensorOptions float32 = new TensorOptions(ScalarType.Float);
    Tensor positions =
        torch
            .arange(new Scalar(position), new Scalar(position + count), float32)
            .to(device.toTorch(), ScalarType.Float);
    Tensor angles = torch.outer(positions, frequenciesFor(position + count)).unsqueeze(1);
    return new Angles(angles.cos().to(dtype), angles.sin().to(dtype));
  }

  /**
   * The frequencies of every pass that {@link #isConstant} accepts: {@code [headDim]}, float32,
   * negative in the first half. They stay this object's.
   */
  Tensor signedFrequencies() {
    return frequencies;
  }

  /** Whether a pass that reaches a length rotates like every shorter one. */
  boolean isConstant(int length) {
    return !(config.ropeScaling() instanceof RopeScaling.Dynamic dynamic)
        || length <= dynamic.originalMaxPositions();
  }

  /**
   * Dynamic NTK raises theta with the length that a pass reaches. Keys that are in the cache keep
   * the angles of their own pass, as in transformers; so with this scaling, and past the original
   * context, logits depend on how a prompt is cut into passes.
   */
  private Tensor frequenciesFor(int length) {
    if (config.ropeScaling() instanceof RopeScaling.Dynamic dynamic && !isConstant(length)) {
      double stretch =
          dynamic.factor() * length / dynamic.originalMaxPositions() - (dynamic.factor() - 1);
      double exponent = config.headDim() / (config.headDim() - 2.0);
      double theta = config.ropeTheta() * Math.pow(stretch, exponent);
      return signed(frequencies(theta));
    }
    return frequencies;
  }

  /** Rotates heads, {@code [tokens, heads, headDim]}, in place. */
  void rotate(Tensor heads, Angles angles) {
    // Swapping the halves and a signed sine make (x1, x2) → (x1 cos − x2 sin, x2 cos + x1 sin).
    Tensor swapped = torch.roll(heads, new long[] {config.headDim() / 2}, new long[] {2});
    heads.mul_(angles.cosines).addcmul_(swapped, angles.signedSines);
  }

  @Override
  public void close() {
    frequencies.close();
  }
}
