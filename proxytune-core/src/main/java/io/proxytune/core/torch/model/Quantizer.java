package io.proxytune.core.torch.model;

import io.proxytune.DeviceException;
import io.proxytune.core.Quantization;
import io.proxytune.core.torch.TorchDevice;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes linear layers whose weights are rounded to few bits. */
final class Quantizer implements LinearFactory {
  private static final Logger logger = LoggerFactory.getLogger(Quantizer.class);
  private static final int PROBE = 64;

  /** Looked up once: the handles live as long as the process. */
  private static final class Registry {
    static final Optional<Int8Weight.Kernels> int8 = Int8Weight.Kernels.find();
    static final Optional<Int4Weight.Kernels> int4 = Int4Weight.Kernels.find();
  }

  private final Function<Tensor, QuantizedWeight> rounding;

  private Quantizer(Function<Tensor, QuantizedWeight> rounding) {
    this.rounding = rounding;
  }

  /**
   * Finds the kernels.
   *
   * @throws DeviceException if this device, processor or build of LibTorch has none
   */
  static Quantizer of(Quantization quantization, TorchDevice device) {
    if (!device.isCpu()) {
      throw refusal("quantization %s is for the CPU, and the device is %s", quantization, device);
    }
    Optional<Quantizer> found = find(quantization).map(Quantizer::new).filter(Quantizer::works);
    return found.orElseThrow(
        () ->
            refusal(
                "this LibTorch or processor has no kernels for %s on %s", quantization, device));
  }

  private static Optional<Function<Tensor, QuantizedWeight>> find(Quantization quantization) {
    return switch (quantization.scheme()) {
      case NONE -> throw new IllegalArgumentException("nothing to quantize");
      case INT8 -> Registry.int8.map(kernels -> weight -> new Int8Weight(kernels, weight));
      case INT4 ->
          Registry.int4.map(
              kernels -> weight -> new Int4Weight(kernels, weight, quantization.group()));
    };
  }

  private static DeviceException refusal(
      String problem, Quantization quantization, TorchDevice device) {
    return new DeviceException(
        String.format(Locale.ROOT, problem, quantization, device)
            + ": load the model without quantization (Quantization.none(); --quantize none)");
  }

  /** A weight of ones and zeros is exact in both formats, and so are its products with ones. */
  private boolean works() {
    Tensor eye = torch.eye(PROBE, new TensorOptions(ScalarType.Float));
    Tensor ones = torch.ones(new long[] {2, PROBE}, new TensorOptions(ScalarType.Float));
    try (Linear probe = create(eye, null)) {
      double off = probe.apply(ones).sub_(ones).abs_().max().item_double();
      logger.debug("Quantized products of ones are off by {}", off);
      return off < 0.01;
    } catch (RuntimeException e) {
      logger.debug("The kernels refused", e);
      return false;
    }
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    return new QuantizedLinear(rounding.apply(weight), bias);
  }
}
