package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.Quantization;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Linear layers of bfloat16 as they are where oneDNN does not multiply them, on any processor that
 * FBGEMM runs on.
 */
@Tag("processor")
class LinearsTest {
  private static final int IN = 96;
  private static final int OUT = 80;

  private TorchScope scope;

  @BeforeEach
  void open() {
    scope = TorchScope.open();
    torch.manual_seed(3);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Linears linears() {
    Optional<HalfLinear.Kernels> halves = Linears.halves();
    assumeTrue(halves.isPresent(), "no products with float16 weights");
    return Linears.inFloat16(ScalarType.BFloat16, halves);
  }

  private static Tensor random(long... shape) {
    return torch.randn(shape).to(ScalarType.BFloat16);
  }

  /** One rounding of a sum of float32. */
  private static void assertRoundedOnce(Linear linear, Tensor weight, Tensor bias, int tokens) {
    Tensor x = random(tokens, IN);
    Tensor addend = random(tokens, OUT);
    Tensor expected =
        torch.linear(
            x.to(ScalarType.Double),
            weight.to(ScalarType.Double),
            new TensorOptional(bias.to(ScalarType.Double)));
    assertClose(linear.apply(x), expected);
    assertClose(linear.applyAdd(x, addend), expected.add(addend.to(ScalarType.Double)));
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
    double largest = expected.abs().max().item_double();
    Tensor allowed =
        expected.abs().mul_(new Scalar(0x1p-8 * 1.02)).add_(new Scalar(largest * 1e-5));
    Tensor error = actual.to(ScalarType.Double).sub(expected).abs_();
    assertThat(error.sub_(allowed).max().item_double()).isNegative();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 70})
  void productsAreSumsOfFloat32RoundedOnce(int tokens) {
    Tensor weight = random(OUT, IN);
    Tensor bias = random(OUT);
    try (Linear linear = linears().create(weight, bias)) {
      assertThat(linear).isInstanceOf(WideProductLinear.class);
      assertRoundedOnce(linear, weight, bias, tokens);
    }
  }

  /** Beyond float16's largest, and below its smallest. */
  @ParameterizedTest
  @ValueSource(doubles = {1e12, 70_000, 1e-6, 1e-9, 1e-13})
  void bfloat16WeightsOfAnySizeFit(double size) {
    Tensor weight = random(OUT, IN).mul_(new Scalar(size));
    try (Linear linear = linears().create(weight, null)) {
      assertThat(linear).isInstanceOf(WideProductLinear.class);
      Tensor x = random(2, IN);
      Tensor expected = x.to(ScalarType.Double).mm(weight.to(ScalarType.Double).t());
      assertClose(linear.apply(x), expected);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e20, 1e30})
  void weightsTooFarApartStayAsTheyAre(double factor) {
    Tensor weight = random(OUT, IN);
    weight.select(0, 3).mul_(new Scalar(factor));
    try (Linear linear = linears().create(weight, null)) {
      assertThat(linear).isInstanceOf(PlainLinear.class);
      Tensor ones = torch.ones(1, IN).to(ScalarType.BFloat16);
      assertThat(linear.apply(ones).equal(torch.linear(ones, weight))).isTrue();
    }
  }

  @Test
  void layoutsSayWhatTheyAre() {
    assertThat(linears().layout()).isEqualTo("float16 in FBGEMM's blocks");
    assertThat(Linears.asStored(ScalarType.BFloat16).layout()).isEqualTo("bfloat16 as stored");
    assertThat(Linears.on(TorchDevice.CPU, ScalarType.Float, WeightLayout.PACKED).layout())
        .isEqualTo("float32 in oneDNN's blocks");
  }

  /** What is told before anything is loaded is what loading then finds. */
  @Test
  void layoutsAreAsForetold() {
    Map<String, String> foretold = CpuFeatures.layouts();
    assumeTrue(!foretold.isEmpty(), "nothing is known of this processor");
    for (ScalarType dtype : List.of(ScalarType.Float, ScalarType.BFloat16, ScalarType.Half)) {
      assertThat(Linears.on(TorchDevice.CPU, dtype, WeightLayout.PACKED).layout())
          .isEqualTo(foretold.get(ScalarTypes.name(dtype)));
    }
    assertThat(Quantizer.of(Quantization.int8(), TorchDevice.CPU).layout())
        .isEqualTo(foretold.get("int8"));
    assertThat(Quantizer.of(Quantization.int4(), TorchDevice.CPU).layout())
        .isEqualTo(foretold.get("int4").replace("int4", Quantization.int4().toString()));
  }
}
