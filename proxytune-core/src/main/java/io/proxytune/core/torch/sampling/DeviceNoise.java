package io.proxytune.core.torch.sampling;

import io.proxytune.core.sampling.Noise;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** {@link Noise} of every id of a vocabulary at once: the same bits, on the device. */
final class DeviceNoise {
  private DeviceNoise() {}

  /** Gumbel noise, float64, {@code [width]}. */
  static Tensor gumbel(long key, int width, Device device) {
    Tensor u = bits(key, width, device);
    return uniform(u).log_().neg_().log_().neg_();
  }

  /** The mixed bits, int64, {@code [width]}. */
  static Tensor bits(long key, int width, Device device) {
    Tensor z = torch.arange(new Scalar((long) width), onDevice(device));
    z.mul_(new Scalar(Noise.ID_STEP)).add_(new Scalar(key));
    z.bitwise_xor_(shifted(z, Noise.SHIFT_1)).mul_(new Scalar(Noise.MULTIPLIER_1));
    z.bitwise_xor_(shifted(z, Noise.SHIFT_2)).mul_(new Scalar(Noise.MULTIPLIER_2));
    return z.bitwise_xor_(shifted(z, Noise.SHIFT_3));
  }

  private static TensorOptions onDevice(Device device) {
    return new TensorOptions(ScalarType.Long).device(new DeviceOptional(device));
  }

  /** Uniform numbers strictly between 0 and 1, float64. */
  private static Tensor uniform(Tensor bits) {
    return shifted(bits, Noise.UNIFORM_SHIFT)
        .to(ScalarType.Double)
        .add_(new Scalar(0.5))
        .mul_(new Scalar(Noise.UNIFORM_STEP));
  }

  /** Java's {@code >>>}: the shift of LibTorch repeats the sign, and the mask drops that. */
  private static Tensor shifted(Tensor bits, int distance) {
    return bits.__rshift__(new Scalar((long) distance)).bitwise_and_(new Scalar(-1L >>> distance));
  }
}
