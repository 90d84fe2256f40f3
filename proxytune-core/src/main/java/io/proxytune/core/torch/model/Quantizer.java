package io.proxytune.core.torch.model;

import io.proxytune.DeviceException;
import io.proxytune.core.Quantization;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
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
    static final Optional<FbgemmInt8Weight.Kernels> fbgemm = FbgemmInt8Weight.Kernels.find();
    static final Optional<Int4Weight.Kernels> int4 = Int4Weight.Kernels.find();
  }

  private final Way way;

  /**
   * A way to round a weight.
   *
   * @param layout what becomes of it, for people
   * @param rounding makes it of a weight, {@code [out, in]} in any dtype
   * @param restoring makes it again of what it was kept as
   */
  record Way(String layout, Function<Tensor, QuantizedWeight> rounding, Restoring restoring) {
    /** A way whose weights are not kept. */
    Way(String layout, Function<Tensor, QuantizedWeight> rounding) {
      this(
          layout,
          rounding,
          (kept, outputs, inputs) -> {
            throw new KeptWeight.UnusableException("weights " + layout + " are not kept");
          });
    }
  }

  /** Makes a weight again. */
  interface Restoring {
    QuantizedWeight of(KeptWeight kept, long outputs, long inputs);
  }

  private Quantizer(Way way) {
    this.way = way;
  }

  /**
   * Finds the kernels.
   *
   * @throws DeviceException if this device, processor or build of LibTorch has none
   */
  static Quantizer of(Quantization quantization, TorchDevice device) {
    requireCpu(quantization, device.toString());
    return of(quantization, ways(quantization));
  }

  /** The ways to round, the fastest on this processor first. */
  private static List<Way> ways(Quantization quantization) {
    return switch (quantization.scheme()) {
      case NONE -> throw new IllegalArgumentException("nothing to quantize");
      case INT8 -> int8();
      case INT4 -> Registry.int4.stream().map(kernels -> int4(kernels, quantization)).toList();
    };
  }

  private static List<Way> int8() {
    Stream<Way> oneDnn =
        Registry.int8.stream()
            .map(
                kernels ->
                    new Way(
                        "int8" + CpuFeatures.ONEDNN,
                        w -> new Int8Weight(kernels, w),
                        (kept, out, in) -> Int8Weight.restored(kernels, kept, out, in)));
    Stream<Way> fbgemm =
        Registry.fbgemm.stream()
            .map(
                kernels ->
                    new Way(
                        "int8" + CpuFeatures.FBGEMM,
                        w -> new FbgemmInt8Weight(kernels, w),
                        (kept, out, in) -> new FbgemmInt8Weight(kernels, kept, out, in)));
    return CpuFeatures.prefersFbgemmForIntegers()
        ? Stream.concat(fbgemm, oneDnn).toList()
        : oneDnn.toList();
  }

  private static Way int4(Int4Weight.Kernels kernels, Quantization quantization) {
    return new Way(
        quantization.withHead(false) + CpuFeatures.LIBTORCH,
        weight -> Int4Weight.of(kernels, weight, quantization.group()),
        (kept, out, in) -> Int4Weight.of(kernels, kept, out, in, quantization.group()));
  }

  /**
   * With the first way to round that computes what it should.
   *
   * @throws DeviceException what is wrong with the last one, if there is none
   */
  static Quantizer of(Quantization quantization, List<Way> ways) {
    if (ways.isEmpty()) {
      throw refusal(quantization, "this build of LibTorch lacks its operators", null);
    }
    Quantizer quantizer = new Quantizer(ways.get(0));
    try {
      quantizer.probe(quantization);
      return quantizer;
    } catch (DeviceException e) {
      if (ways.size() == 1) {
        throw e;
      }
      logger.info("{} is not used", quantizer.layout(), e);
      return of(quantization, ways.subList(1, ways.size()));
    }
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
  public String layout() {
    return way.layout;
  }

  @Override
  public boolean copiesWeights() {
    return true;
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    return new QuantizedLinear(way.rounding.apply(weight), bias);
  }

  @Override
  public Linear restore(KeptWeight kept, long outputs, long inputs, @Nullable Tensor bias) {
    return new QuantizedLinear(way.restoring.of(kept, outputs, inputs), bias);
  }
}
