package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits of tiny checkpoints of every layout against transformers'. */
@Tag("processor")
class TorchModelsGoldenTest {
  private static final List<String> CHECKPOINTS =
      List.of(
          "mha-untied",
          "gqa-tied",
          "mqa-bias-head-dim",
          "rope-linear",
          "rope-llama3",
          "rope-dynamic",
          "sharded",
          "bf16",
          "f16-both-heads",
          "tied-lm-head-only");

  private record Manifest(String checkpoint, int width, List<Variant> variants) {}

  private record Variant(
      DType dtype, double tolerance, List<Sequence> sequences, @Nullable Greedy greedy) {}

  private record Sequence(String name, int firstRow, List<Step> steps) {
    int rowCount() {
      return steps.stream().mapToInt(Sequence::rowCount).sum();
    }

    private static int rowCount(Step step) {
      if (step.append() == null || step.rows() == null) {
        return 0;
      }
      return switch (step.rows()) {
        case NONE -> 0;
        case LAST -> 1;
        case ALL -> step.append().size();
      };
    }
  }

  private record Greedy(List<Integer> prompt, List<Integer> ids) {}

  private record Golden(Manifest manifest, Variant variant) {
    LogitModel load() {
      return load(WeightLayout.PACKED);
    }

    LogitModel load(WeightLayout layout) {
      return TorchModels.load(
          GoldenModels.folder(manifest.checkpoint),
          LoadOptions.defaults().withDType(variant.dtype).withLayout(layout));
    }

    List<float[]> rows(Sequence sequence) {
      return GoldenModels.rows(
          manifest.checkpoint, manifest.width, sequence.firstRow, sequence.rowCount());
    }

    @Override
    public String toString() {
      return manifest.checkpoint + " as " + variant.dtype;
    }
  }

  private static Manifest manifest(String checkpoint) {
    return GoldenModels.manifest(checkpoint, Manifest.class);
  }

  static Stream<Golden> variants() {
    return CHECKPOINTS.stream()
        .map(TorchModelsGoldenTest::manifest)
        .flatMap(found -> found.variants.stream().map(variant -> new Golden(found, variant)));
  }

  static Stream<Golden> greedyRuns() {
    return variants().filter(golden -> golden.variant.greedy != null);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void logitsEqualThoseOfTransformers(Golden golden) {
    try (LogitModel model = golden.load()) {
      assertThat(model.width()).isEqualTo(golden.manifest.width);
      assertSequences(model, golden);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void logitsEqualThoseOfTransformersWithWeightsPackedTwice(Golden golden) {
    try (LogitModel model = golden.load(WeightLayout.PACKED_TWICE)) {
      assertSequences(model, golden);
    }
  }

  private static void assertSequences(LogitModel model, Golden golden) {
    for (Sequence sequence : golden.variant.sequences) {
      LogitRows.assertClose(
          golden + " " + sequence.name,
          Step.play(model, sequence.steps),
          golden.rows(sequence),
          golden.variant.tolerance);
    }
  }

  @ParameterizedTest
  @MethodSource("greedyRuns")
  void greedyIdsEqualThoseOfTransformers(Golden golden) {
    Greedy greedy = golden.variant.greedy;
    try (LogitModel model = golden.load()) {
      List<Integer> ids = greedyIds(model, Ints.toArray(greedy.prompt), greedy.ids.size());
      assertThat(ids).isEqualTo(greedy.ids);
    }
  }

  private static List<Integer> greedyIds(LogitModel model, int[] prompt, int count) {
    List<Integer> ids = new ArrayList<>();
    try (LogitSession session = model.newSession(prompt.length + count)) {
      int[] next = prompt;
      while (ids.size() < count) {
        Segment segment = new Segment(session, next, Rows.LAST);
        int id = LogitRows.argmax(Step.forward(model, List.of(segment)).get(0));
        ids.add(id);
        next = new int[] {id};
      }
    }
    return ids;
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha-untied", "rope-linear", "rope-llama3", "rope-dynamic"})
  void configsOfOlderTransformersMeanTheSame(String checkpoint, @TempDir Path folder)
      throws IOException {
    copy(GoldenModels.folder(checkpoint), folder);
    Files.copy(
        GoldenModels.expected(checkpoint + ".old-config.json"),
        folder.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    Manifest manifest = manifest(checkpoint);
    try (LogitModel model = TorchModels.load(folder)) {
      assertSequences(model, new Golden(manifest, manifest.variants.get(0)));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  @Test
  void generationConfigNamesEveryEndOfTextId() {
    try (LogitModel model = TorchModels.load(GoldenModels.folder("gqa-tied"))) {
      assertThat(model.endOfTextIds()).containsExactlyInAnyOrder(2, 5);
    }
  }

  @Test
  void folderWithoutTokenizerGivesModelThatOnlyKnowsIds() {
    try (LogitModel model = TorchModels.load(GoldenModels.folder("gqa-tied"))) {
      assertThat(model.tokenizer()).isEmpty();
    }
  }

  /** max_position_embeddings is what the model was trained on; it is stretched by the factor. */
  @Test
  void dynamicScalingStretchesTheContext() {
    try (LogitModel model = TorchModels.load(GoldenModels.folder("rope-dynamic"))) {
      assertThat(model.contextLength()).isEqualTo(64);
    }
  }
}
