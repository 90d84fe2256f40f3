package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("processor")
class PackedLinearTest {
  private static final int IN = 48;
  private static final int OUT = 80;

  /** Few tokens may be padded in bfloat16; the rest is not. */
  @ParameterizedTest
  @CsvSource({
    "BFloat16, 1, 1",
    "BFloat16, 3, 1",
    "BFloat16, 1, 4",
    "BFloat16, 2, 4",
    "BFloat16, 3, 4",
    "BFloat16, 4, 4",
    "BFloat16, 5, 4",
    "BFloat16, 33, 4",
    "Float, 1, 4",
    "Float, 3, 4",
    "Float, 4, 4"
  })
  void agreesWithTheProductInFloat64(ScalarType dtype, int tokens, int leastRows) {
    try (TorchScope scope = TorchScope.open()) {
      assumeTrue(Linears.on(TorchDevice.of("cpu"), dtype, WeightLayout.PACKED).packed());
      torch.manual_seed(tokens);
      Tensor weight = random(dtype, OUT, IN);
      Tensor bias = random(dtype, OUT);
      Tensor x = random(dtype, tokens, IN);
      Tensor other = random(dtype, tokens, OUT);
      Tensor expected =
          torch.linear(
              x.to(ScalarType.Double),
              weight.to(ScalarType.Double),
              new TensorOptional(bias.to(ScalarType.Double)));
      PackedLinear.Kernels kernels = PackedLinear.Kernels.find().orElseThrow();
      double tolerance = dtype == ScalarType.BFloat16 ? 0.03 : 1e-5;
      try (PackedLinear linear = new PackedLinear(kernels, weight, bias.clone(), leastRows)) {
        boolean pads = dtype == ScalarType.BFloat16 && tokens < leastRows;
        assertThat(linear.padded(tokens)).isEqualTo(pads);
        Tensor wide = other.to(ScalarType.Double);
        assertClose(linear.apply(x), expected, tolerance);
        assertClose(linear.applyAdd(x, other), expected.add(wide), tolerance);
      }
    }
  }

  /** The choice of a processor changes no row. */
  @Test
  void paddedRowsAreThoseThatAreNot() {
    try (TorchScope scope = TorchScope.open()) {
      assumeTrue(
          Linears.on(TorchDevice.of("cpu"), ScalarType.BFloat16, WeightLayout.PACKED).packed());
      torch.manual_seed(8);
      Tensor weight = random(ScalarType.BFloat16, OUT, IN);
      Tensor x = random(ScalarType.BFloat16, 1, IN);
      PackedLinear.Kernels kernels = PackedLinear.Kernels.find().orElseThrow();
      try (PackedLinear plain = new PackedLinear(kernels, weight, null, 1);
          PackedLinear padding = new PackedLinear(kernels, weight, null, 4)) {
        assertThat(padding.apply(x).equal(plain.apply(x))).isTrue();
      }
    }
  }

  /** As it refuses bfloat16 on processors without AVX-512, at every load. */
  @Test
  void aWeightThatTheKernelRefusesLeavesNothing() {
    PackedLinear.Kernels kernels = PackedLinear.Kernels.find().orElseThrow();
    refuse(kernels);
    long objects = NativeMemory.objects();
    refuse(kernels);
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
  }

  private static void refuse(PackedLinear.Kernels kernels) {
    try (TorchScope scope = TorchScope.open()) {
      Tensor weight = torch.ones(new long[] {OUT, IN}, new TensorOptions(ScalarType.Bool));
      assertThatThrownBy(() -> new PackedLinear(kernels, weight, null))
          .isInstanceOf(RuntimeException.class);
    }
  }

  private static Tensor random(ScalarType dtype, long... shape) {
    return torch.randn(shape, new TensorOptions(ScalarType.Float)).to(dtype);
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.size(0)).isEqualTo(expected.size(0));
    assertThat(actual.size(1)).isEqualTo(expected.size(1));
    double largest = expected.abs().max().item_double();
    double error = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
    assertThat(error / largest).isLessThan(tolerance);
  }
}
