package io.proxytune.core;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.family.FamilyGolden;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits of each family against transformers'. */
class FamiliesGoldenTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  static Stream<FamilyGolden> goldens() {
    return FamilyGolden.all();
  }

  private LogitModel load(FamilyGolden golden, WeightLayout layout) {
    return TorchModels.load(
        golden.write(folder), LoadOptions.defaults().withDType(DType.FLOAT32).withLayout(layout));
  }

  /** One model for all ways, since loading it takes longer than all of them. */
  @ParameterizedTest
  @MethodSource("goldens")
  void equalsTransformersHoweverThePromptIsRead(FamilyGolden golden) {
    try (LogitModel model = load(golden, WeightLayout.PACKED)) {
      assertRows("one pass", golden, inPasses(model, golden.prompt(), golden.prompt().length));
      if (golden.byLength()) {
        assertRows(
            "chunks whose lengths count",
            golden,
            inPasses(model, golden.prompt(), golden.chunks()),
            golden.chunkedRows());
      } else if (!golden.isWhole()) {
        assertRows("chunks", golden, inPasses(model, golden.prompt(), 7));
        assertRows("single tokens", golden, inPasses(model, golden.prompt(), 1));
        assertSegmentsAtOnce(golden, model);
        assertTruncatedAndForked(golden, model);
      }
    }
  }

  private void assertSegmentsAtOnce(FamilyGolden golden, LogitModel model) {
    int[] prompt = golden.prompt();
    List<float[]> rows = golden.rows();
    try (LogitSession first = model.newSession(prompt.length);
        LogitSession second = model.newSession(prompt.length);
        LogitSession third = model.newSession(prompt.length)) {
      Step.forward(model, List.of(new Segment(first, part(prompt, 0, 13), Rows.NONE)));
      Step.forward(model, List.of(new Segment(second, part(prompt, 0, 5), Rows.NONE)));
      List<float[]> actual =
          Step.forward(
              model,
              List.of(
                  new Segment(first, part(prompt, 13, 14), Rows.ALL),
                  new Segment(second, part(prompt, 5, 12), Rows.ALL),
                  new Segment(third, part(prompt, 0, 9), Rows.LAST)));
      List<float[]> expected = new ArrayList<>(rows.subList(13, 14));
      expected.addAll(rows.subList(5, 12));
      expected.add(rows.get(8));
      assertRows("segments", golden, actual, expected);
    }
  }

  private void assertTruncatedAndForked(FamilyGolden golden, LogitModel model) {
    int[] prompt = golden.prompt();
    try (LogitSession session = model.newSession(prompt.length)) {
      int[] wrong = IntStream.range(0, 17).map(i -> i < 11 ? prompt[i] : 3 + i).toArray();
      Step.forward(model, List.of(new Segment(session, wrong, Rows.NONE)));
      session.truncate(11);
      try (LogitSession fork = session.fork(prompt.length)) {
        for (LogitSession each : List.of(session, fork)) {
          assertRows(
              "behind a truncation",
              golden,
              Step.forward(
                  model, List.of(new Segment(each, part(prompt, 11, prompt.length), Rows.ALL))),
              golden.rows().subList(11, prompt.length));
        }
      }
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("goldens")
  void weightsPackedTwiceEqualTransformers(FamilyGolden golden) {
    try (LogitModel model = load(golden, WeightLayout.PACKED_TWICE)) {
      assertRows("packed twice", golden, inPasses(model, golden.prompt(), golden.prompt().length));
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("goldens")
  void bfloat16StaysClose(FamilyGolden golden) {
    try (LogitModel model =
        TorchModels.load(
            golden.write(folder, StoredType.BF16),
            LoadOptions.defaults().withDType(DType.BFLOAT16))) {
      assertMeanError(golden, model, 0.03);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("goldens")
  void int8AndInt4StayClose(FamilyGolden golden) {
    golden.write(folder);
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    try (LogitModel model =
        TorchModels.load(folder, options.withQuantization(Quantization.int8()))) {
      assertMeanError(golden, model, hasExperts() ? 0.05 : 0.02);
    }
    try (LogitModel model =
        TorchModels.load(folder, options.withQuantization(Quantization.int4()))) {
      // Rounded routers choose other experts, the more so with random weights.
      assertMeanError(golden, model, hasExperts() ? 0.25 : 0.1);
    }
  }

  private boolean hasExperts() {
    return DecoderCheckpoint.open(folder).spec().layers().stream()
        .anyMatch(layer -> layer.feedForward() instanceof ExpertsSpec);
  }

  private void assertMeanError(FamilyGolden golden, LogitModel model, double bound) {
    List<float[]> actual = inPasses(model, golden.prompt(), golden.prompt().length);
    double error = LogitRows.meanError(capped(actual), golden.rows());
    Assertions.assertThat(error).as(golden.name()).isLessThan(bound);
  }

  private void assertRows(String how, FamilyGolden golden, List<float[]> actual) {
    assertRows(how, golden, actual, golden.rows());
  }

  private void assertRows(
      String how, FamilyGolden golden, List<float[]> actual, List<float[]> expected) {
    LogitRows.assertClose(golden + ", " + how, capped(actual), expected, TOLERANCE);
  }

  /** Models give logits before their bound, since they are fused before it. */
  private List<float[]> capped(List<float[]> rows) {
    OptionalDouble cap = DecoderCheckpoint.open(folder).spec().head().cap();
    return cap.isPresent() ? LogitRows.capped(rows, cap.getAsDouble()) : rows;
  }

  private static List<float[]> inPasses(LogitModel model, int[] prompt, int length) {
    int[] lengths =
        IntStream.iterate(0, at -> at < prompt.length, at -> at + length)
            .map(at -> Math.min(length, prompt.length - at))
            .toArray();
    return inPasses(model, prompt, lengths);
  }

  private static List<float[]> inPasses(LogitModel model, int[] prompt, int[] lengths) {
    List<float[]> rows = new ArrayList<>();
    try (LogitSession session = model.newSession(prompt.length)) {
      int at = 0;
      for (int length : lengths) {
        Segment segment = new Segment(session, part(prompt, at, at + length), Rows.ALL);
        rows.addAll(Step.forward(model, List.of(segment)));
        at += length;
      }
    }
    return rows;
  }

  private static int[] part(int[] tokens, int from, int to) {
    return Arrays.copyOfRange(tokens, from, to);
  }
}
