package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.TorchRuntime;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A weight of 8 bits laid out by tensor operations, beside the same that FBGEMM laid out. */
@Tag("processor")
class Int8MatrixTest {
  private static FbgemmInt8Weight.Kernels kernels;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
    assumeTrue(
        System.getProperty("os.name").equals("Linux") && CpuFeatures.hasFlag("avx2"),
        "FBGEMM's records are looked at on Linux alone");
    kernels = ComputeThread.inScope(FbgemmInt8Weight.Kernels::find).orElseThrow();
  }

  /** Without it, loading is slow again and nothing else says so. */
  @Test
  void findsFbgemmsRecordsAsItExpectsThem() {
    assertThat(kernels.ownBlocks()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "8, 512",
    "9, 513",
    "7, 511",
    "300, 1024",
    "33, 1502",
    "4096, 64",
    "1, 4099",
    "4096, 1040",
    "70000, 33"
  })
  void productsAreThoseOfFbgemmsOwnToTheBit(int outputs, int inputs) {
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(outputs + inputs);
          Int8Rounded rounded = Int8Rounded.of(torch.randn(outputs, inputs));
          IValue theirs = kernels.prepacked(rounded);
          try (PackedMatrix own = Int8Matrix.of(kernels, rounded)) {
            for (int rows : new int[] {1, 2, 5, 16, 33}) {
              Tensor x = torch.randn(rows, inputs).mul_(new Scalar(20));
              Tensor expected = kernels.product(x, theirs);
              assertThat(torch.equal(kernels.product(x, own.value()), expected)).isTrue();
            }
          }
          return null;
        });
  }

  @Test
  void closedWhileSomebodyHoldsItsValueItIsRefused() {
    ComputeThread.inScope(
        () -> {
          Int8Rounded rounded = Int8Rounded.of(torch.ones(32, 700));
          PackedMatrix matrix = Int8Matrix.of(kernels, rounded);
          IValue held = new IValue(matrix.value());
          matrix.close();
          matrix.close();
          assertThatThrownBy(() -> kernels.product(torch.ones(1, 700), held))
              .isInstanceOf(RuntimeException.class);
          return null;
        });
  }
}
