package io.proxytune.core.torch.model;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Whether oneDNN's kernels for tiles and for vectors both multiply a small weight rightly. */
final class TiledWeightTrial {
  private static final long OUTPUTS = 128;
  private static final long INPUTS = 96;

  private TiledWeightTrial() {}

  static boolean passes() {
    return PackedLinear.Kernels.find().map(TiledWeightTrial::passes).orElse(false);
  }

  private static boolean passes(PackedLinear.Kernels kernels) {
    Tensor weight = numbers(OUTPUTS, INPUTS, 7);
    Tensor x = numbers(4, INPUTS, 5);
    Tensor right = torch.matmul(x.to(ScalarType.Float), weight.to(ScalarType.Float).t());
    try (PackedLinear linear = new PackedLinear(kernels, bfloat16(weight), null)) {
      Optional<TiledWeight> found = TiledWeight.find(linear.packed());
      found.ifPresent(TiledWeight::useVectors);
      boolean vectors = found.isPresent() && isRight(linear, x, right);
      found.ifPresent(TiledWeight::useTiles);
      return vectors && isRight(linear, x, right);
    } catch (RuntimeException e) {
      return false; // this build has no such product
    }
  }

  private static boolean isRight(PackedLinear linear, Tensor x, Tensor right) {
    return torch.equal(linear.apply(bfloat16(x)).to(ScalarType.Float), right);
  }

  private static Tensor bfloat16(Tensor numbers) {
    return numbers.to(ScalarType.BFloat16);
  }

  /** Small whole numbers, whose products' sums bfloat16 has. */
  private static Tensor numbers(long rows, long columns, long period) {
    Tensor range = torch.arange(new Scalar(rows * columns), new TensorOptions(ScalarType.Long));
    return range
        .remainder(new Scalar(period))
        .sub(new Scalar(period / 2))
        .sign()
        .view(rows, columns);
  }
}
