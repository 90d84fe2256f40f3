package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.ProcessMemory;
import io.proxytune.core.torch.TorchRuntime;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A float16 weight laid out by tensor operations, beside the same that FBGEMM laid out. */
@Tag("processor")
class HalfMatrixTest {
  private static HalfLinear.Kernels kernels;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
    Assumptions.assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "FBGEMM's records are looked at on Linux alone");
    kernels = ComputeThread.inScope(HalfLinear.Kernels::find).orElseThrow();
  }

  /** Without it, loading is slow again and nothing else says so. */
  @Test
  void findsFbgemmsRecordsAsItExpectsThem() {
    assertThat(kernels.ownBlocks()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "16, 512",
    "17, 513",
    "15, 511",
    "300, 1024",
    "33, 1500",
    "4096, 64",
    "1, 4096",
    "4096, 1040",
    "70000, 65"
  })
  void productsAreThoseOfFbgemmsOwnToTheBit(int outputs, int inputs) {
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(outputs + inputs);
          Tensor weight = torch.randn(outputs, inputs).to(ScalarType.BFloat16);
          Tensor bias = torch.randn(outputs);
          try (PackedMatrix own = HalfMatrix.of(kernels.prepack(), weight, bias, 0.5);
              PackedMatrix theirs = kernels.packedByFbgemm(weight.mul(half()), bias)) {
            for (int rows : new int[] {1, 2, 5, 16, 33}) {
              Tensor x = torch.randn(rows, inputs);
              assertThat(torch.equal(product(x, own), product(x, theirs))).isTrue();
            }
          }
          return null;
        });
  }

  @Test
  void closedWhileSomebodyHoldsItsValueItIsRefused() {
    ComputeThread.inScope(
        () -> {
          PackedMatrix matrix = HalfMatrix.of(kernels.prepack(), torch.ones(32, 700), null, 1);
          IValue held = new IValue(matrix.value());
          matrix.close();
          matrix.close();
          IValue x = new IValue(torch.ones(1, 700));
          assertThatThrownBy(() -> kernels.product().call(x, held))
              .isInstanceOf(RuntimeException.class);
          return null;
        });
  }

  @Test
  void whatIsNotThisProcessesMemoryIsNotFound() {
    assertThat(ProcessMemory.find(0, 8)).isEmpty();
    assertThat(ProcessMemory.find(-8, 8)).isEmpty();
    assertThat(ProcessMemory.find(Long.MAX_VALUE, 1)).isEmpty();
    assertThat(ProcessMemory.find(1L << 40, Integer.MAX_VALUE)).isEmpty();
    long[] anywhere = new Random(1).longs(1_000).filter(a -> a < 0 || a > 1L << 48).toArray();
    assertThat(Arrays.stream(anywhere).mapToObj(a -> ProcessMemory.find(a, 16)))
        .allMatch(Optional::isEmpty);
  }

  private static Tensor product(Tensor x, PackedMatrix weight) {
    return kernels.product().call(new IValue(x), weight.value());
  }

  private static Scalar half() {
    return new Scalar(0.5);
  }
}
