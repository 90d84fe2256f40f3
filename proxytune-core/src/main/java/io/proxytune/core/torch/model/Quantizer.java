package io.proxytune.core.torch.model;

import io.proxytune.DeviceException;
import io.proxytune.core.Quantization;
import io.proxytune.core.torch.TorchDevice;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
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
  private static final int PROBE_BITS = 6;

  /** Of a product of the probe; int4 is off by 0.004 since its scale is a bfloat16. */
  private static final double TOLERANCE = 0.02;

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
    requireCpu(quantization, device.toString());
    return of(quantization, rounding(quantization));
  }

  private static Optional<Function<Tensor, QuantizedWeight>> rounding(Quantization quantization) {
    return switch (quantization.scheme()) {
      case NONE -> throw new IllegalArgumentException("nothing to quantize");
      case INT8 -> Registry.int8.map(kernels -> weight -> new Int8Weight(kernels, weight));
      case INT4 ->
          Registry.int4.map(
              kernels -> weight -> new Int4Weight(kernels, weight, quantization.group()));
    };
  }

  /** With a way to round, if there is one, that is tried first. */
  static Quantizer of(
      Quantization quantization, Optional<Function<Tensor, QuantizedWeight>> rounding) {
    Quantizer quantizer =
        new Quantizer(
            rounding.orElseThrow(
                () -> refusal(quantization, "this build of LibTorch lacks its operators", null)));
    quantizer.probe(quantization);
    return quantizer;
  }

  /**
   * Refuses what has no kernels, before anything else of the device is looked at.
   *
   * @throws DeviceException if it is not the CPU and something is quantized
   */
  static void requireCpu(Quantization quantization, String device) {
    if (quantization.isSome() && !device.equals("cpu")) {
      throw refusal(
          quantization, "it is for the CPU, and the device of this model is " + device, null);
    }
  }

  private static DeviceException refusal(
      Quantization quantization, String reason, @Nullable Throwable cause) {
    return new DeviceException(
        quantization
            + " can't be had: "
            + reason
            + ". Load the model without quantization (Quantization.none(); --quantize none,"
            + " --expert-quantize none)",
        cause);
  }

  /** A product that a kernel gets wrong without a word would spoil every text. */
  private void probe(Quantization quantization) {
    double off;
    try {
      off = Math.max(offAtOrder(), offAtLargest());
    } catch (RuntimeException e) {
      throw refusal(
          quantization,
          "LibTorch's kernel refuses this processor (" + Native.firstLine(e) + ")",
          e);
    }
    logger.debug("{}: products of the probe are off by {}", quantization, off);
    if (!(off < TOLERANCE)) {
      throw refusal(
          quantization, "LibTorch's kernel computes wrong products on this processor", null);
    }
  }

  /** Each output's index, a bit a token, through the identity: a mixed-up order shows. */
  private double offAtOrder() {
    Tensor index = torch.arange(new Scalar(PROBE), new TensorOptions(ScalarType.Int));
    Tensor bit = torch.arange(new Scalar(PROBE_BITS), new TensorOptions(ScalarType.Int));
    Tensor bits = index.unsqueeze(0).__rshift__(bit.unsqueeze(1)).__and__(new Scalar(1));
    Tensor x = bits.to(ScalarType.Float);
    return off(torch.eye(PROBE, new TensorOptions(ScalarType.Float)), x, x);
  }

  /** Every product at its largest: sums that don't fit into the kernel's integers show. */
  private double offAtLargest() {
    Tensor ones = torch.ones(new long[] {PROBE, PROBE}, new TensorOptions(ScalarType.Float));
    Tensor x = ones.div(new Scalar((double) PROBE)).narrow(0, 0, 2);
    return off(ones, x, ones.narrow(0, 0, 2));
  }

  private double off(Tensor weight, Tensor x, Tensor expected) {
    try (Linear probe = create(weight, null)) {
      return probe.apply(x).sub_(expected).abs_().max().item_double();
    }
  }

  @Override
  public boolean copiesWeights() {
    return true;
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    return new QuantizedLinear(rounding.apply(weight), bias);
  }
}
