package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.TorchRuntime;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in oneDNN's blocks for tiles, read by its kernels for vectors. */
@Tag("processor")
class TiledWeightTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  private static PackedLinear packed(Tensor weight) {
    return new PackedLinear(PackedLinear.Kernels.find().orElseThrow(), weight, null);
  }

  private static Tensor random(long rows, long columns) {
    return torch
        .randn(new long[] {rows, columns}, new TensorOptions(ScalarType.Float))
        .to(ScalarType.BFloat16);
  }

  /** Of the largest number of the product in float64. */
  private static double error(Tensor product, Tensor x, Tensor weight) {
    Tensor right = torch.matmul(x.to(ScalarType.Double), weight.to(ScalarType.Double).t());
    return product.to(ScalarType.Double).sub(right).abs().max().item_double()
        / right.abs().max().item_double();
  }

  @ParameterizedTest
  @CsvSource({"64, 32", "256, 96", "100, 64", "48, 128", "16, 4096", "1000, 160"})
  void tilesAndVectorsMultiplyTheSameBytes(long outputs, long inputs) {
    assumeTrue(CpuFeatures.multipliesTiles(), "this processor has no tiles");
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(outputs);
          Tensor weight = random(outputs, inputs);
          try (PackedLinear linear = packed(weight)) {
            TiledWeight tiled = TiledWeight.of(linear.packed()).orElseThrow();
            for (int rows = 1; rows <= 17; rows += 4) {
              Tensor x = random(rows, inputs);
              tiled.useVectors();
              assertThat(error(linear.apply(x), x, weight)).as("%s rows", rows).isLessThan(0.005);
              tiled.useTiles();
              assertThat(error(linear.apply(x), x, weight)).as("%s rows", rows).isLessThan(0.005);
            }
          }
          return null;
        });
  }

  @Test
  void blocksThatWouldBePaddedStayTiles() {
    assumeTrue(CpuFeatures.multipliesBFloat16(), "oneDNN has no bfloat16 here");
    ComputeThread.inScope(
        () -> {
          try (PackedLinear linear = packed(random(64, 48))) {
            assertThat(TiledWeight.of(linear.packed())).isEmpty();
          }
          return null;
        });
  }

  @Test
  void otherNumbersAreNone() {
    ComputeThread.inScope(
        () -> {
          Tensor weight = random(64, 64).to(ScalarType.Float);
          assertThat(TiledWeight.of(weight)).isEmpty();
          assertThat(TiledWeight.find(weight)).isEmpty();
          if (PackedLinear.Kernels.find().isPresent()) {
            try (PackedLinear linear = packed(weight)) {
              assertThat(TiledWeight.of(linear.packed())).isEmpty();
              assertThat(TiledWeight.find(linear.packed())).isEmpty();
            }
          }
          return null;
        });
  }

  @Test
  void fewRowsAreForVectors() {
    assumeTrue(CpuFeatures.multipliesTiles(), "this processor has no tiles");
    ComputeThread.inScope(
        () -> {
          TiledWeights weights = new TiledWeights();
          try (PackedLinear linear = packed(random(64, 64))) {
            Optional<TiledWeight> before = TiledWeight.of(linear.packed());
            weights.add(linear);
            weights.prepare(TiledWeights.LEAST_ROWS - 1);
            assertThat(before).isPresent();
            assertThat(TiledWeight.of(linear.packed())).as("not described for tiles").isEmpty();
            weights.prepare(TiledWeights.LEAST_ROWS);
            assertThat(TiledWeight.of(linear.packed())).isPresent();
          }
          return null;
        });
  }
}
