package io.proxytune.core.torch.model;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.TorchDevice;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses how the linear layers of a model are computed. */
final class Linears implements LinearFactory {
  private static final Logger logger = LoggerFactory.getLogger(Linears.class);

  /** Looked up once: the handles live as long as the process. */
  private static final class Registry {
    static final Optional<PackedLinear.Kernels> kernels = PackedLinear.Kernels.find();
    static final Optional<HalfLinear.Kernels> halves = HalfLinear.Kernels.find();
  }

  private final Optional<PackedLinear.Kernels> kernels;
  private final Optional<HalfLinear.Kernels> halves;

  private Linears(Optional<PackedLinear.Kernels> kernels, Optional<HalfLinear.Kernels> halves) {
    this.kernels = kernels;
    this.halves = halves;
  }

  /** Packed on a CPU that can, plain otherwise. */
  static Linears on(TorchDevice device, ScalarType dtype, WeightLayout layout) {
    if (!device.isCpu() || dtype == ScalarType.Half) {
      // oneDNN has no float16 for most processors
      return new Linears(Optional.empty(), Optional.empty());
    }
    Optional<PackedLinear.Kernels> found =
        Registry.kernels.filter(kernels -> works(kernels, dtype));
    if (found.isEmpty()) {
      logger.warn(
          "This LibTorch or processor has no packed linear kernel for {}: decoding is several times"
              + " slower than it could be. float32 may be faster here (LoadOptions.withDType).",
          dtype);
    }
    boolean twice =
        layout == WeightLayout.PACKED_TWICE && dtype == ScalarType.BFloat16 && found.isPresent();
    Optional<HalfLinear.Kernels> halves = twice ? halves() : Optional.empty();
    if (twice && halves.isEmpty()) {
      logger.warn("This LibTorch has no float16 products for the CPU: weights are packed once");
    }
    return new Linears(found, halves);
  }

  /** The CPU's products with float16 weights, if it has them. */
  static Optional<HalfLinear.Kernels> halves() {
    return Registry.halves.filter(Linears::works);
  }

  /** oneDNN refuses bfloat16 on processors without the instructions for it. */
  private static boolean works(PackedLinear.Kernels kernels, ScalarType dtype) {
    Tensor ones = torch.ones(new long[] {16, 16}, new TensorOptions(dtype));
    try (Linear probe = new PackedLinear(kernels, ones, null)) {
      return probe.apply(ones).to(ScalarType.Float).sum().item_float() == 16 * 16 * 16;
    } catch (RuntimeException e) {
      logger.debug("The packed linear kernel refused {}", dtype, e);
      return false;
    }
  }

  /** Builds without FBGEMM have the operators and refuse to run them. */
  private static boolean works(HalfLinear.Kernels kernels) {
    Tensor ones = torch.ones(new long[] {16, 16}, new TensorOptions(ScalarType.Float));
    try (Linear probe = new HalfLinear(kernels, ones, null)) {
      return probe.apply(ones).sum().item_float() == 16 * 16 * 16;
    } catch (RuntimeException e) {
      logger.debug("The float16 kernel refused", e);
      return false;
    }
  }

  /** What multiplies few rows with float16 weights faster than others do; for bfloat16 models. */
  static Optional<HalfLinear.Kernels> halvesOf(TorchDevice device, ScalarType dtype) {
    return device.isCpu() && dtype == ScalarType.BFloat16 ? halves() : Optional.empty();
  }

  boolean packed() {
    return kernels.isPresent();
  }

  /** Whether weights are in memory twice. */
  boolean twice() {
    return halves.isPresent();
  }

  @Override
  public boolean copiesWeights() {
    return packed();
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    if (!packed()) {
      return new PlainLinear(weight, bias);
    }
    boolean both = twice() && HalfLinear.canHold(weight);
    Linear half = both ? new HalfLinear(halves.get(), weight, bias) : null;
    Linear packed = new PackedLinear(kernels.get(), weight, bias);
    return half == null ? packed : new TwiceLinear(half, packed);
  }
}
