package io.proxytune.core.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.DecoderSpec;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptions against the tensors that transformers saves. */
class FamiliesTest {
  @TempDir Path folder;

  static Stream<FamilyGolden> goldens() {
    return FamilyGolden.all();
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void everyStoredTensorIsUsed(FamilyGolden golden) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(golden.write(folder));

    Set<String> stored = new TreeSet<>(checkpoint.folder().tensors().keySet());
    assertThat(checkpoint.all().stream().map(StoredTensor::name).collect(Collectors.toSet()))
        .isEqualTo(stored);
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void partsOfFusedTensorsCoverThemOnce(FamilyGolden golden) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(golden.write(folder));
    DecoderSpec spec = checkpoint.spec();

    long ofLinears = spec.linears().mapToLong(linear -> linear.elements()).sum();
    long stored =
        spec.linears()
            .map(linear -> checkpoint.tensor(linear.weight()))
            .distinct()
            .mapToLong(StoredTensor::elements)
            .sum();
    assertThat(ofLinears).isEqualTo(stored);
  }

  @Test
  void everyFamilyHasAGolden() {
    Set<String> described =
        FamilyGolden.all()
            .map(golden -> DecoderCheckpoint.open(golden.write(folder)).spec().architecture())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(described)
        .containsExactlyElementsOf(
            new TreeSet<>(Families.all().stream().map(Family::architecture).toList()));
  }
}
