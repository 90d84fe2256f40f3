package io.proxytune.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossCurveTest {
  @TempDir private Path folder;

  private static LossCurve curve(Double... losses) {
    return new LossCurve(List.of(losses), new TreeMap<>(Map.of(2, 1.5)));
  }

  @Test
  void barsFallWithTheLoss() {
    assertThat(curve(8.0, 4.5, 1.0).sparkline(10)).isEqualTo("█▄▁");
  }

  @Test
  void manyStepsShareABar() {
    List<Double> losses = IntStream.range(0, 100).mapToObj(i -> 100.0 - i).toList();
    assertThat(new LossCurve(losses, new TreeMap<>()).sparkline(4)).isEqualTo("█▅▃▁");
  }

  @Test
  void aFlatCurveAndAnEmptyOneCanBeDrawn() {
    assertThat(curve(1.0, 1.0).sparkline(5)).isEqualTo("▁▁");
    assertThat(curve().sparkline(5)).isEmpty();
    assertThat(curve().last()).isNaN();
  }

  @Test
  void theLastLossIsAMeanOverTwentySteps() {
    List<Double> losses = IntStream.range(0, 30).mapToObj(i -> (double) i).toList();
    assertThat(new LossCurve(losses, new TreeMap<>()).last()).isEqualTo(19.5);
  }

  @Test
  void theFileHasARowForEachStep() throws Exception {
    Path file = folder.resolve("loss.csv");
    curve(3.0, 2.0).writeCsv(file);
    assertThat(Files.readString(file))
        .isEqualTo("step,loss,held_out_loss\n1,3.00000,\n2,2.00000,1.50000\n");
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    Path file = folder.resolve("missing/loss.csv");
    assertThatThrownBy(() -> curve(1.0).writeCsv(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString());
  }
}
