package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of 16 bits against the product of the same weights in float64. */
@Tag("processor")
class HeadsTest {
  private static final int IN = 96;
  private static final int OUT = 1000;

  /** Sums of float32. */
  private static final double TOLERANCE = 2e-6;

  private TorchScope scope;

  @BeforeEach
  void open() {
    scope = TorchScope.open();
    torch.manual_seed(1);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static LinearFactory heads(ScalarType dtype) {
    return Heads.on(
        TorchDevice.CPU, dtype, Linears.on(TorchDevice.CPU, dtype, WeightLayout.PACKED));
  }

  private static Tensor weight(ScalarType dtype) {
    return torch.randn(OUT, IN).mul_(new Scalar(0.05)).to(dtype);
  }

  /** No error is more than rounding leaves in a sum of float32 of these terms. */
  private static void assertExact(Linear head, Tensor weight, Tensor bias, int tokens) {
    Tensor x = torch.randn(tokens, IN).to(ScalarType.BFloat16).to(ScalarType.Float);
    Tensor wide = weight.to(ScalarType.Double);
    Tensor expected =
        torch.linear(x.to(ScalarType.Double), wide, new TensorOptional(bias.to(ScalarType.Double)));
    Tensor sizes = x.abs().to(ScalarType.Double).mm(wide.abs().t()).add_(bias.abs());
    sizes.clamp_min_(new Scalar(1e-60)); // rows of zeros
    Tensor actual = head.apply(x);
    assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.Float);
    Tensor error = actual.to(ScalarType.Double).sub(expected).abs().div(sizes);
    assertThat(error.max().item_double()).isLessThan(TOLERANCE);
    Tensor other = torch.randn(tokens, weight.size(0));
    assertThat(head.applyAdd(x, other).sub(actual.add(other)).abs().max().item_double()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"BFloat16, 1", "BFloat16, 2", "BFloat16, 7", "BFloat16, 40", "Half, 1", "Half, 9"})
  void rowsAreSumsOfFloat32(ScalarType dtype, int tokens) {
    Tensor weight = weight(dtype);
    Tensor bias = torch.randn(OUT).to(dtype);
    try (Linear head = heads(dtype).create(weight, bias)) {
      assertExact(head, weight, bias, tokens);
    }
  }

  /** Large heads are packed in parts. */
  @Tag("slow")
  @Test
  void everyPartIsInItsPlace() {
    Tensor weight = torch.randn(90_000, IN).to(ScalarType.BFloat16);
    try (Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
      assertExact(head, weight, torch.zeros(90_000), 1);
      assertExact(head, weight, torch.zeros(90_000), 3);
    }
  }

  /** Beyond float16's largest, and below its smallest. */
  @ParameterizedTest
  @ValueSource(doubles = {1e12, 70_000, 1e-6, 1e-9, 1e-13})
  void weightsOfAnySizeAreExact(double size) {
    Tensor weight = weight(ScalarType.BFloat16).mul_(new Scalar(size));
    try (Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
      assumeTrue(Linears.halves().isPresent(), "no products with float16 weights");
      assertThat(head).isInstanceOf(ScaledHalves.class);
      assertExact(head, weight, torch.zeros(OUT), 2);
    }
  }

  @Test
  void aFewLargeOrSmallWeightsChangeNothing() {
    Tensor weight = weight(ScalarType.BFloat16);
    weight.select(0, 3).select(0, 4).fill_(new Scalar(300));
    weight.select(0, 5).mul_(new Scalar(0.01));
    weight.select(0, 7).fill_(new Scalar(0));
    try (Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
      assertExact(head, weight, torch.zeros(OUT), 2);
    }
  }

  /** Rows of tokens that training never met; their logits are 0 for all that float32 can tell. */
  @Test
  void rowsNextToNothingStayNextToNothing() {
    Tensor weight = weight(ScalarType.BFloat16);
    weight.narrow(0, 0, 9).mul_(new Scalar(1e-30));
    try (Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
      Tensor logits = head.apply(torch.randn(2, IN));
      assertThat(logits.narrow(1, 0, 9).abs().max().item_double()).isLessThan(1e-9);
    }
  }

  /** Kept in float32, as are weights too large or small for its input to be scaled. */
  @ParameterizedTest
  @ValueSource(doubles = {1e9, 1e20, 1e30})
  void weightsTooFarApartForFloat16AreExact(double factor) {
    Tensor weight = weight(ScalarType.BFloat16);
    weight.select(0, 11).mul_(new Scalar(factor));
    try (Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
      assertThat(head).isNotInstanceOf(ScaledHalves.class);
      assertExact(head, weight, torch.zeros(OUT), 2);
    }
  }

  @Test
  void whatIsNoNumberStaysSo() {
    Tensor weight = weight(ScalarType.BFloat16);
    weight.select(0, 2).select(0, 0).fill_(new Scalar(Double.NaN));
    try (Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
      Tensor logits = head.apply(torch.ones(1, IN)).select(0, 0);
      assertThat(logits.isnan().sum().item_long()).isEqualTo(1);
      assertThat(logits.select(0, 2).isnan().item_bool()).isTrue();
    }
  }

  @Test
  void zerosFit() {
    assertThat(ScaledHalves.exponent(torch.zeros(4, 4).to(ScalarType.BFloat16))).hasValue(0);
  }

  @Tag("slow")
  @Test
  void closingGivesEverythingBack() {
    Tensor weight = torch.randn(90_000, IN).to(ScalarType.BFloat16);
    long objects = 0;
    for (int i = 0; i < 3; i++) {
      try (TorchScope own = TorchScope.open();
          Linear head = heads(ScalarType.BFloat16).create(weight, null)) {
        head.apply(torch.randn(1, IN));
      }
      objects = i == 0 ? NativeMemory.objects() : objects;
    }
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
  }
}
