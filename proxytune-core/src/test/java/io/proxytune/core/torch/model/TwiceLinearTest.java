package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("processor")
class TwiceLinearTest {
  private static final int IN = 96;
  private static final int OUT = 80;
  private static final double TOLERANCE = 0.01; // bfloat16 has 8 bits

  private static Linears linears() {
    Linears linears =
        Linears.on(TorchDevice.of("cpu"), ScalarType.BFloat16, WeightLayout.PACKED_TWICE);
    assumeThat(linears.twice()).isTrue();
    return linears;
  }

  private static Tensor random(long... shape) {
    return torch.randn(shape).to(ScalarType.BFloat16);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 9})
  void agreesWithTheProductInFloat64(int tokens) {
    try (TorchScope scope = TorchScope.open()) {
      torch.manual_seed(tokens);
      Tensor weight = random(OUT, IN).mul_(new Scalar(0.1));
      Tensor bias = random(OUT);
      Tensor x = random(tokens, IN);
      Tensor other = random(tokens, OUT);
      Tensor wide = other.to(ScalarType.Double);
      Tensor expected =
          torch.linear(
              x.to(ScalarType.Double),
              weight.to(ScalarType.Double),
              new TensorOptional(bias.to(ScalarType.Double)));
      try (Linear linear = linears().create(weight, bias.clone())) {
        assertThat(linear).isInstanceOf(TwiceLinear.class);
        assertClose(linear.apply(x), expected);
        assertClose(linear.applyAdd(x, other), expected.add(wide));
      }
    }
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
    double error = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
    assertThat(error / expected.abs().max().item_double()).isLessThan(TOLERANCE);
  }

  @Test
  void fewTokensAreComputedFromFloat16AndManyFromBlocksOfBfloat16() {
    try (TorchScope scope = TorchScope.open();
        Linear half =
            new HalfLinear(HalfLinear.Kernels.find().orElseThrow(), torch.ones(4, 4), null);
        Linear twos = new PlainLinear(torch.full(new long[] {4, 4}, new Scalar(2.0)), null)) {
      Linear both = new TwiceLinear(half, twos);
      assertThat(both.apply(torch.ones(3, 4)).max().item_float()).isEqualTo(4);
      assertThat(both.apply(torch.ones(4, 4)).max().item_float()).isEqualTo(8);
    }
  }

  @Tag("slow")
  @Test
  void weightsBeyondFloat16ArePackedOnce() {
    try (TorchScope scope = TorchScope.open()) {
      Tensor weight = random(OUT, IN);
      weight.select(0, 3).select(0, 4).fill_(new Scalar(70_000));
      try (Linear linear = linears().create(weight, null)) {
        assertThat(linear).isInstanceOf(PackedLinear.class);
      }
    }
  }

  @Test
  void onlyBfloat16IsPackedTwice() {
    try (TorchScope scope = TorchScope.open()) {
      TorchDevice cpu = TorchDevice.of("cpu");
      assertThat(Linears.on(cpu, ScalarType.Float, WeightLayout.PACKED_TWICE).twice()).isFalse();
      assertThat(Linears.on(cpu, ScalarType.BFloat16, WeightLayout.PACKED).twice()).isFalse();
    }
  }
}
