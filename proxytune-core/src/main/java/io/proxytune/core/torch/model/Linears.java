package io.proxytune.core.torch.model;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.Optional;
import java.util.OptionalInt;
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

  private final ScalarType dtype;
  private final Optional<PackedLinear.Kernels> kernels;
  private final Optional<HalfLinear.Kernels> twice;
  private final Optional<HalfLinear.Kernels> instead;

  private Linears(
      ScalarType dtype,
      Optional<PackedLinear.Kernels> kernels,
      Optional<HalfLinear.Kernels> twice,
      Optional<HalfLinear.Kernels> instead) {
    this.dtype = dtype;
    this.kernels = kernels;
    this.twice = twice;
    this.instead = instead;
  }

  /**
   * On a CPU in oneDNN's blocks where it can; where it can't multiply bfloat16, as float16 in
   * FBGEMM's. As they are otherwise.
   */
  static Linears on(TorchDevice device, ScalarType dtype, WeightLayout layout) {
    if (!device.isCpu() || dtype == ScalarType.Half) {
      return asStored(dtype); // oneDNN has no float16 for most processors
    }
    Optional<PackedLinear.Kernels> found =
        Registry.kernels.filter(kernels -> works(kernels, dtype));
    if (found.isEmpty()) {
      return dtype == ScalarType.BFloat16 ? inFloat16(dtype, halves()) : asStored(dtype);
    }
    boolean twice = layout == WeightLayout.PACKED_TWICE && dtype == ScalarType.BFloat16;
    return new Linears(dtype, found, twice ? halves() : Optional.empty(), Optional.empty());
  }

  /** As float16 in FBGEMM's blocks, if it has them. */
  static Linears inFloat16(ScalarType dtype, Optional<HalfLinear.Kernels> halves) {
    return new Linears(dtype, Optional.empty(), Optional.empty(), halves);
  }

  /** Weights as they are. */
  static Linears asStored(ScalarType dtype) {
    return new Linears(dtype, Optional.empty(), Optional.empty(), Optional.empty());
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

  /** Whether oneDNN multiplies the model's dtype. */
  boolean packed() {
    return kernels.isPresent();
  }

  /** Whether weights are in memory twice. */
  boolean twice() {
    return twice.isPresent();
  }

  @Override
  public String layout() {
    String name = ScalarTypes.name(dtype);
    if (instead.isPresent()) {
      return "float16" + CpuFeatures.FBGEMM;
    }
    if (!packed()) {
      return name + CpuFeatures.AS_STORED;
    }
    return name + CpuFeatures.ONEDNN + (twice() ? " and float16 in FBGEMM's" : "");
  }

  @Override
  public boolean copiesWeights() {
    return packed() || instead.isPresent();
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    if (instead.isPresent()) {
      return inFloat16(instead.get(), weight, bias);
    }
    if (!packed()) {
      return new PlainLinear(weight, bias);
    }
    if (mostInputs(weight.size(1)) < weight.size(1)) {
      return PackedColumns.of(kernels.get(), weight, bias, mostInputs(weight.size(1)));
    }
    boolean both = twice() && HalfLinear.canHold(weight);
    Linear half = both ? new HalfLinear(twice.get(), weight, bias) : null;
    Linear packed = new PackedLinear(kernels.get(), weight, bias);
    return half == null ? packed : new TwiceLinear(half, packed);
  }

  /** The most inputs of a part of a weight that has so many; no fewer where it stays whole. */
  private long mostInputs(long inputs) {
    return dtype == ScalarType.Float ? PackedColumns.most(inputs) : inputs;
  }

  @Override
  public Linear restore(KeptWeight kept, long outputs, long inputs, @Nullable Tensor bias) {
    if (instead.isPresent()) {
      return new WideProductLinear(
          ScaledHalves.restored(instead.get(), kept, outputs, inputs, bias));
    }
    if (!packed()) {
      return LinearFactory.super.restore(kept, outputs, inputs, bias);
    }
    if (mostInputs(inputs) < inputs) {
      return PackedColumns.restored(kernels.get(), kept, outputs, inputs, bias, mostInputs(inputs));
    }
    Linear packed = PackedLinear.restored(kernels.get(), kept, outputs, inputs, dtype, bias);
    if (!twice() || !HalfLinear.isIn(kept)) {
      return packed;
    }
    try {
      return new TwiceLinear(HalfLinear.restored(twice.get(), kept, outputs, inputs, bias), packed);
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, packed);
      throw e;
    }
  }

  private Linear inFloat16(HalfLinear.Kernels halves, Tensor weight, @Nullable Tensor bias) {
    OptionalInt exponent = ScaledHalves.exponent(weight);
    if (exponent.isEmpty()) {
      logger.info(
          "A weight of {} x {} is too far apart for float16: it stays {}, whose products are"
              + " slower",
          weight.size(0),
          weight.size(1),
          ScalarTypes.name(dtype));
      return new PlainLinear(weight.clone(), bias);
    }
    return new WideProductLinear(
        ScaledHalves.inFewParts(halves, weight, bias, exponent.getAsInt()));
  }
}
