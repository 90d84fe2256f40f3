package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("processor")
class RmsNormTest {
  private static final int HIDDEN = 80;
  private static final double EPSILON = 1e-3;

  /** A single token takes another way than several; an offset shows a mean that is subtracted. */
  @ParameterizedTest
  @CsvSource({
    "Float, 1, 0",
    "Float, 1, 5",
    "Float, 3, 5",
    "BFloat16, 1, 0",
    "BFloat16, 1, 5",
    "BFloat16, 3, 5",
    "Half, 1, 5",
    "BFloat16, 16, 0",
    "BFloat16, 17, 0",
    "Half, 3, 0"
  })
  void agreesWithTheFormulaInFloat64(ScalarType dtype, int tokens, double offset) {
    try (TorchScope scope = TorchScope.open()) {
      torch.manual_seed(tokens);
      Tensor x = random(tokens, HIDDEN).add_(new Scalar(offset)).to(dtype);
      Tensor weight = random(HIDDEN).to(dtype);
      Tensor wide = x.to(ScalarType.Double);
      Tensor scale =
          wide.square()
              .mean(new long[] {1}, true, new ScalarTypeOptional())
              .add(new Scalar(EPSILON))
              .rsqrt();
      Tensor expected = wide.mul(scale).mul(weight.to(ScalarType.Double));
      try (RmsNorm norm = new RmsNorm(weight.clone(), EPSILON)) {
        Tensor actual = norm.apply(x);
        assertThat(actual.size(0)).isEqualTo(tokens);
        assertThat(actual.size(1)).isEqualTo(HIDDEN);
        double error = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
        double largest = expected.abs().max().item_double();
        assertThat(error / largest).isLessThan(dtype == ScalarType.Float ? 1e-6 : 8e-3);
      }
    }
  }

  private static Tensor random(long... shape) {
    return torch.randn(shape, new TensorOptions(ScalarType.Float));
  }
}
