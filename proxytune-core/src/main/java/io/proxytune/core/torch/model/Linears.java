package io.proxytune.core.torch.model;

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
  }

  private final Optional<PackedLinear.Kernels> kernels;

  private Linears(Optional<PackedLinear.Kernels> kernels) {
    this.kernels = kernels;
  }

  /** Packed on a CPU that can, plain otherwise. */
  static Linears on(TorchDevice device, ScalarType dtype) {
    if (!device.isCpu() || dtype == ScalarType.Half) {
      return new Linears(Optional.empty()); // oneDNN has no float16 for most processors
    }
    Optional<PackedLinear.Kernels> found =
        Registry.kernels.filter(kernels -> works(kernels, dtype));
    if (found.isEmpty()) {
      logger.warn(
          "This LibTorch or processor has no packed linear kernel for {}: decoding is several times"
              + " slower than it could be. float32 may be faster here (LoadOptions.withDType).",
          dtype);
    }
    return new Linears(found);
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

  boolean packed() {
    return kernels.isPresent();
  }

  @Override
  public Linear create(Tensor weight, @Nullable Tensor bias) {
    return packed() ? new PackedLinear(kernels.get(), weight, bias) : new PlainLinear(weight, bias);
  }
}
