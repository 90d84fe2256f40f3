package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout of processors without VNNI, on any processor that FBGEMM runs on. */
@Tag("processor")
class FbgemmInt8WeightTest {
  private TorchScope scope;

  @BeforeEach
  void open() {
    assumeTrue(CpuFeatures.hasFlag("avx2"), "FBGEMM needs AVX2");
    scope = TorchScope.open();
    torch.manual_seed(1);
  }

  @AfterEach
  void close() {
    if (scope != null) {
      scope.close();
    }
  }

  /** Looked up once: the handles live as long as the process. */
  private static final class Registry {
    static final FbgemmInt8Weight.Kernels kernels = FbgemmInt8Weight.Kernels.find().orElseThrow();
  }

  private static QuantizedWeight packed(Tensor weight) {
    return new FbgemmInt8Weight(Registry.kernels, weight);
  }

  private static Tensor weight(long rows, long columns) {
    return torch.randn(rows, columns).mul_(new Scalar(0.05));
  }

  /** The last one is packed in parts where there are two threads. */
  @ParameterizedTest
  @CsvSource({
    "1, 64, 64",
    "2, 96, 264",
    "5, 264, 96",
    "8, 33, 1",
    "17, 1, 50",
    "150, 200, 48",
    "3, 2100, 4100"
  })
  void productsAreThoseOfTheRoundedWeights(int tokens, int in, int out) {
    Tensor weight = weight(out, in);
    Int8Rounded rounded = Int8Rounded.of(weight);
    Tensor values = rounded.weights().to(ScalarType.Double);
    Tensor exact = values.mul(rounded.scales().to(ScalarType.Double).unsqueeze(1));
    Tensor x = torch.randn(tokens, in);
    Tensor expected = x.to(ScalarType.Double).mm(exact.t());
    try (QuantizedWeight packed = packed(weight)) {
      Tensor error = packed.multiply(x).to(ScalarType.Double).sub(expected).abs_();
      assertThat(error.max().item_double() / expected.abs().max().item_double()).isLessThan(2e-4);
    }
  }

  @Test
  void aTokenInABatchEqualsTheTokenAlone() {
    try (QuantizedWeight packed = packed(weight(96, 320))) {
      Tensor x = torch.randn(130, 320);
      x.select(0, 7).mul_(new Scalar(1000));
      x.select(0, 8).fill_(new Scalar(0));
      Tensor together = packed.multiply(x);
      for (int token = 0; token < x.size(0); token++) {
        Tensor alone = packed.multiply(x.narrow(0, token, 1));
        assertThat(alone.equal(together.narrow(0, token, 1))).as("token %s", token).isTrue();
      }
    }
  }

  /** Every product at its largest, where 16-bit sums of pairs would overflow. */
  @Test
  void theLargestProductsDoNotSaturate() {
    Tensor ones = torch.ones(64, 512);
    try (QuantizedWeight packed = packed(ones)) {
      assertThat(packed.multiply(ones).sub_(new Scalar(512)).abs_().max().item_float())
          .isLessThan(0.01f);
      assertThat(packed.multiply(ones.neg()).add_(new Scalar(512)).abs_().max().item_float())
          .isLessThan(0.01f);
    }
  }

  @Test
  void whatIsNotFiniteStaysSo() {
    Tensor x = torch.randn(3, 64);
    x.select(0, 1).select(0, 5).fill_(new Scalar(Double.NaN));
    try (QuantizedWeight packed = packed(weight(16, 64))) {
      Tensor y = packed.multiply(x);
      assertThat(y.select(0, 1).isnan().all().item_bool()).isTrue();
      assertThat(y.isfinite().sum().item_long()).isEqualTo(2 * 16);
    }
  }

  @Test
  void closingGivesEverythingBack() {
    Tensor weight = weight(32, 64);
    long before = 0;
    for (int i = 0; i < 5; i++) {
      try (TorchScope own = TorchScope.open();
          QuantizedWeight packed = packed(weight)) {
        packed.multiply(torch.randn(2, 64));
      }
      before = i == 0 ? NativeMemory.objects() : before;
    }
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(before);
  }
}
