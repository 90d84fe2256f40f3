package io.proxytune.core.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.decoder.DecoderSpec;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptions against the tensors that transformers saves. */
class FamiliesTest {
  private static final Pattern BODY = Pattern.compile("(.*?)[^.]+\\.0\\.");

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

  /** transformers saves a body by itself without what precedes its names in a whole model. */
  @ParameterizedTest
  @MethodSource("goldens")
  void namesOfABodyAloneMeanTheSame(FamilyGolden golden) {
    DecoderSpec spec = DecoderCheckpoint.open(golden.write(folder)).spec();
    Matcher body = BODY.matcher(spec.layers().get(0).attention().query().weight());
    assertThat(body.lookingAt()).isTrue();
    UnaryOperator<String> bare =
        name -> name.startsWith(body.group(1)) ? name.substring(body.group(1).length()) : name;

    DecoderCheckpoint alone = DecoderCheckpoint.open(golden.write(folder, StoredType.F32, bare));

    assertThat(alone.spec()).isEqualTo(spec);
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isSummedUpWithoutLoading(FamilyGolden golden) {
    CheckpointSummary summary = TorchModels.inspect(golden.write(folder));

    DecoderSpec spec = DecoderCheckpoint.open(folder).spec();
    assertThat(summary.layers()).isEqualTo(spec.layers().size());
    assertThat(summary.kvBytesPerToken())
        .isEqualTo(
            spec.layers().stream()
                .mapToLong(layer -> 8L * layer.attention().kvHeads() * layer.attention().headDim())
                .sum());
    assertThat(summary.quantizedBytes().values())
        .allSatisfy(bytes -> assertThat(bytes).isLessThan(summary.storedBytes()));
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
