package io.proxytune.core.torch.model;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses how an output head of 16 bits is computed, so that its logits are float32: two that
 * differ by less than a rounding to 16 bits would be tied, and it would be left to their ids which
 * one is picked.
 */
final class Heads implements LinearFactory {
  private static final Logger logger = LoggerFactory.getLogger(Heads.class);
  private static final int PROBE = 16;

  /** Looked up once: the handle lives as long as the process. */
  private static final class Registry {
    static final Optional<BoxedOperator> mixed = MixedLinear.operator();
  }

  private final Optional<HalfLinear.Kernels> halves;
  private final Optional<BoxedOperator> mixed;
  private final LinearFactory wide;
  private final ScalarType dtype;

  private Heads(
      Optional<HalfLinear.Kernels> halves,
      Optional<BoxedOperator> mixed,
      LinearFactory wide,
      ScalarType dtype) {
    this.dtype = dtype;
    this.halves = halves;
    this.mixed = mixed;
    this.wide = wide;
  }

  /** What makes the heads of a model, whose layers take and give float32. */
  static LinearFactory on(TorchDevice device, ScalarType dtype, LinearFactory linears) {
    return dtype == ScalarType.Float
        ? linears
        : new Heads(
            device.isCpu() ? Linears.halves() : Optional.empty(),
            device.isCpu() ? Optional.empty() : mixed(device, dtype),
            Linears.on(device, ScalarType.Float, WeightLayout.PACKED),
            dtype);
  }

  private static Optional<BoxedOperator> mixed(TorchDevice device, ScalarType dtype) {
    return Registry.mixed.filter(operator -> works(operator, device, dtype));
  }

  private static boolean works(BoxedOperator operator, TorchDevice device, ScalarType dtype) {
    TensorOptions options = new TensorOptions(dtype).device(new DeviceOptional(device.toTorch()));
    Tensor ones = torch.ones(new long[] {PROBE, PROBE}, options);
    try (Linear probe = new MixedLinear(operator, ones, null)) {
      return probe.apply(ones).sum().item_float() == PROBE * PROBE * PROBE;
    } catch (RuntimeException e) {
      logger.debug("The product in mixed precision refused {}", dtype, e);
      return false;
    }
  }

  @Override
  public String layout() {
    if (mixed.isPresent()) {
      return ScalarTypes.name(dtype) + CpuFeatures.AS_STORED;
    }
    return halves.isPresent() ? "float16" + CpuFeatures.FBGEMM : wide.layout();
  }

  @Override
  public boolean copiesWeights() {
    return mixed.isEmpty();
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    if (mixed.isPresent()) {
      return new MixedLinear(mixed.get(), weight, bias);
    }
    if (halves.isPresent()) {
      OptionalInt exponent = ScaledHalves.exponent(weight);
      if (exponent.isPresent()) {
        return ScaledHalves.inParts(halves.get(), weight, bias, exponent.getAsInt());
      }
      logger.info("The head's weights are too far apart for float16: it takes twice the memory");
    }
    return wide.create(weight.to(ScalarType.Float), bias == null ? null : inFloat(bias));
  }

  @Override
  public Linear restore(KeptWeight kept, long outputs, long inputs, @Nullable Tensor bias) {
    if (mixed.isPresent()) {
      return LinearFactory.super.restore(kept, outputs, inputs, bias);
    }
    return halves.isPresent() && !OneDnnBlocks.areIn(kept)
        ? ScaledHalves.restored(halves.get(), kept, outputs, inputs, bias)
        : wide.restore(kept, outputs, inputs, bias == null ? null : inFloat(bias));
  }

  private static Tensor inFloat(Tensor bias) {
    return bias.to(ScalarType.Float);
  }
}
