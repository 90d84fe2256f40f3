package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchRuntime;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In few parts, and none larger than what can be marked for large pages. */
class PackedPartsTest {
  private static final long LARGEST_MARKED = 27L << 20;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "11264, 2048", "22016, 4096", "53248, 16384", "8192, 28672"})
  void largePartsHaveWholeBlocksAndCanBeMarked(long out, long in) {
    long rows = rows(out, in);
    assertThat(rows).isPositive();
    assertThat(rows % 64).isZero();
    assertThat(rows * in * Short.BYTES).isLessThan(LARGEST_MARKED);
  }

  @ParameterizedTest
  @CsvSource({"2048, 2048", "3072, 1024"})
  void aMatrixOfFourMillionWeightsIsOnePart(long out, long in) {
    assertThat(rows(out, in)).isGreaterThanOrEqualTo(out);
  }

  /** Of a matrix that takes no memory. */
  private static long rows(long out, long in) {
    return ComputeThread.inScope(
        () -> PackedParts.large(torch.zeros(1, 1).expand(new long[] {out, in}, false)));
  }
}
