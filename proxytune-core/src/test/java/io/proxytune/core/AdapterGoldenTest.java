package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits and greedy ids of LoRA adapters in every form against PEFT's. */
@Tag("processor")
class AdapterGoldenTest {
  private record Manifest(int width, List<Case> cases) {}

  private record Case(
      String name,
      String host,
      DType dtype,
      double tolerance,
      List<Integer> ids,
      @Nullable List<Integer> greedy,
      int firstRow) {
    Path adapter() {
      return GoldenModels.folder("adapters/" + name);
    }

    LogitModel merged() {
      return TorchModels.load(GoldenModels.folder(host), options().withAdapter(adapter()));
    }

    LogitModel hostModel() {
      return TorchModels.load(GoldenModels.folder(host), options());
    }

    LoadOptions options() {
      return LoadOptions.defaults().withDType(dtype);
    }

    int[] tokens() {
      return Ints.toArray(ids);
    }

    List<float[]> rows() {
      return GoldenModels.rows("adapters", manifest().width, firstRow, ids.size());
    }

    void assertRows(String what, List<float[]> rows) {
      LogitRows.assertClose(this + ", " + what, rows, rows(), tolerance);
    }

    @Override
    public String toString() {
      return name + " as " + dtype;
    }
  }

  private static Manifest manifest() {
    return GoldenModels.manifest("adapters", Manifest.class);
  }

  static Stream<Case> cases() {
    return manifest().cases.stream();
  }

  private static List<float[]> play(LogitModel model, int[] tokens) {
    return Step.play(model, List.of(Step.append(Rows.ALL, tokens)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mergedEqualsPeft(Case golden) {
    try (LogitModel model = golden.merged()) {
      assertThat(model.name()).isEqualTo(golden.host + "+" + golden.name);
      golden.assertRows("merged", play(model, golden.tokens()));
      assertGreedy(golden, model);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theFolderAloneFindsItsModel(Case golden) {
    try (LogitModel model = TorchModels.load(golden.adapter(), golden.options())) {
      golden.assertRows("by its folder", play(model, golden.tokens()));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void besideItsHostEqualsPeft(Case golden) {
    try (LogitModel host = golden.hostModel();
        LogitModel model = TorchModels.loadAdapter(host, golden.adapter())) {
      assertThat(model.name()).isEqualTo(golden.host + "+" + golden.name);
      golden.assertRows("beside its host", play(model, golden.tokens()));
      assertGreedy(golden, model);
    }
  }

  /** One batch of the host's own and of adapted segments: each as it is alone. */
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("cases")
  void mixedBatchesGiveEachSequenceWhatItGetsAlone(Case golden) {
    try (LogitModel host = golden.hostModel();
        LogitModel model = TorchModels.loadAdapter(host, golden.adapter());
        LogitModel again = TorchModels.loadAdapter(host, golden.adapter())) {
      int[] tokens = golden.tokens();
      List<float[]> plain = play(host, tokens);
      List<LogitModel> sources = List.of(model, host, again, host, model, model);
      List<float[]> rows = together(host, sources, tokens);
      for (int i = 0; i < sources.size(); i++) {
        List<float[]> own = rows.subList(i * tokens.length, (i + 1) * tokens.length);
        if (sources.get(i) == host) {
          LogitRows.assertClose(golden + ", host " + i, own, plain, golden.tolerance);
        } else {
          golden.assertRows("segment " + i, own);
        }
      }
    }
  }

  private static List<float[]> together(LogitModel host, List<LogitModel> sources, int[] tokens) {
    List<LogitSession> sessions =
        sources.stream().map(source -> source.newSession(tokens.length)).toList();
    try {
      return Step.forward(
          host, sessions.stream().map(session -> new Segment(session, tokens, Rows.ALL)).toList());
    } finally {
      sessions.forEach(LogitSession::close);
    }
  }

  private static void assertGreedy(Case golden, LogitModel model) {
    if (golden.greedy != null) {
      assertThat(greedyIds(model, golden.tokens(), golden.greedy.size())).isEqualTo(golden.greedy);
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

  @Test
  void inspectionSaysWhatTheFolderHolds() {
    AdapterSummary summary = TorchModels.inspectAdapter(GoldenModels.folder("adapters/rslora"));

    assertThat(summary.name()).isEqualTo("rslora");
    assertThat(summary.baseModel()).contains("../../mha-untied");
    assertThat(summary.rank()).isEqualTo(3);
    assertThat(summary.alpha()).isEqualTo(5);
    assertThat(summary.rankStabilized()).isTrue();
    assertThat(summary.targets()).containsExactly("q_proj", "up_proj");
    assertThat(summary.layers()).isEqualTo(4);
    // Two layers, each [3, 32] and [32, 3], [3, 32] and [40, 3].
    assertThat(summary.parameters()).isEqualTo(2 * 3 * (32 + 32 + 32 + 40));
    assertThat(summary.bytesByDType()).containsExactly(Map.entry("F32", 3264L));
    assertThat(TorchModels.isAdapter(GoldenModels.folder("adapters/rslora"))).isTrue();
    assertThat(TorchModels.isAdapter(GoldenModels.folder("gqa-tied"))).isFalse();
  }
}
