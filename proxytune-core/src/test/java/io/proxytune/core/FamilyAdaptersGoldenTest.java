package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.family.FamilyAdapterGolden;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits of adapters of all that PEFT saves, on models of several families, against PEFT's. */
class FamilyAdaptersGoldenTest {
  private static final double TOLERANCE = 1e-4;

  /** Those that can't be used beside a model, and what the first is that they change. */
  private static final Map<String, String> MERGED_ONLY =
      Map.of(
          "bias-norms", "transformer.h.0.ln_1.bias",
          "opt-projections", "model.decoder.project_in",
          "whole-mlp", "model.layers.0.mlp.down_proj.weight",
          "whole-norms", "model.layers.0.input_layernorm.weight");

  @TempDir Path temp;
  private Path model;
  private Path adapter;

  @BeforeEach
  void folders() throws IOException {
    model = Files.createDirectory(temp.resolve("model"));
    adapter = Files.createDirectory(temp.resolve("adapter"));
  }

  static Stream<FamilyAdapterGolden> goldens() {
    return FamilyAdapterGolden.all();
  }

  static Stream<FamilyAdapterGolden> besideHost() {
    return goldens().filter(golden -> !MERGED_ONLY.containsKey(golden.name()));
  }

  static Stream<FamilyAdapterGolden> mergedOnly() {
    return goldens().filter(golden -> MERGED_ONLY.containsKey(golden.name()));
  }

  private void write(FamilyAdapterGolden golden) {
    golden.host().write(model);
    golden.write(adapter);
  }

  private LogitModel host(FamilyAdapterGolden golden, LoadOptions options) {
    write(golden);
    return TorchModels.load(model, options);
  }

  private static LoadOptions exact() {
    return LoadOptions.defaults().withDType(DType.FLOAT32);
  }

  private LogitModel beside(LogitModel host) {
    return TorchModels.loadAdapter(host, adapter);
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void mergedEqualsPeft(FamilyAdapterGolden golden) {
    write(golden);
    try (LogitModel merged = TorchModels.load(model, exact().withAdapter(adapter))) {
      assertRows("merged", golden, inPasses(merged, golden.prompt(), golden.prompt().length));
    }
  }

  @ParameterizedTest
  @MethodSource("besideHost")
  void besideItsHostEqualsPeft(FamilyAdapterGolden golden) {
    int[] prompt = golden.prompt();
    try (LogitModel host = host(golden, exact());
        LogitModel adapted = beside(host)) {
      assertRows("beside its host", golden, inPasses(adapted, prompt, prompt.length));
      assertRows("in chunks", golden, inPasses(adapted, prompt, 5));
      assertRows("token by token", golden, inPasses(adapted, prompt, 1));
    }
  }

  @ParameterizedTest
  @MethodSource("mergedOnly")
  void whatStandsInNoAdaptedLayerIsRefusedBesideAHost(FamilyAdapterGolden golden) {
    try (LogitModel host = host(golden, exact())) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> beside(host))
          .withMessageContainingAll(
              "changes " + MERGED_ONLY.get(golden.name()), "LoadOptions.withAdapter");
      // The host is as it was.
      int[] prompt = golden.prompt();
      assertThat(inPasses(host, prompt, prompt.length)).hasSize(prompt.length);
    }
  }

  /** Three segments run as one program, six layer by layer. */
  @ParameterizedTest
  @MethodSource("besideHost")
  void mixedBatchesGiveEachSequenceWhatItGetsAlone(FamilyAdapterGolden golden) {
    int[] prompt = golden.prompt();
    try (LogitModel host = host(golden, exact());
        LogitModel adapted = beside(host);
        LogitModel again = beside(host)) {
      List<float[]> plain = inPasses(host, prompt, prompt.length);
      assertTogether(golden, plain, host, List.of(host, adapted, host));
      assertTogether(golden, plain, host, List.of(adapted, host, again, host, adapted, again));
    }
  }

  private void assertTogether(
      FamilyAdapterGolden golden, List<float[]> plain, LogitModel host, List<LogitModel> models) {
    int[] prompt = golden.prompt();
    List<LogitSession> sessions =
        models.stream().map(model -> model.newSession(prompt.length)).toList();
    List<float[]> rows =
        Step.forward(host, sessions.stream().map(s -> new Segment(s, prompt, Rows.ALL)).toList());
    sessions.forEach(LogitSession::close);
    for (int i = 0; i < models.size(); i++) {
      List<float[]> own = rows.subList(i * prompt.length, (i + 1) * prompt.length);
      if (models.get(i) == host) {
        LogitRows.assertClose(golden + ", host's segment " + i, own, plain, TOLERANCE);
      } else {
        assertRows("segment " + i, golden, own);
      }
    }
  }

  @Tag("processor")
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(WeightLayout.class)
  void bfloat16StaysClose(WeightLayout layout) {
    LoadOptions options = LoadOptions.defaults().withDType(DType.BFLOAT16).withLayout(layout);
    for (String name : List.of("dora", "dora-all", "bias-all", "whole-both", "embedding-scaled")) {
      FamilyAdapterGolden golden = FamilyAdapterGolden.of(name);
      try (LogitModel host = host(golden, options);
          LogitModel adapted = beside(host);
          LogitModel merged = TorchModels.load(model, options.withAdapter(adapter))) {
        assertMeanError(golden, adapted, 0.03);
        assertMeanError(golden, merged, 0.03);
      }
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("quantized")
  void besideARoundedHostItStaysClose(FamilyAdapterGolden golden) {
    LoadOptions options = exact().withQuantization(Quantization.int8());
    try (LogitModel host = host(golden, options);
        LogitModel adapted = beside(host);
        LogitModel merged = TorchModels.load(model, options.withAdapter(adapter))) {
      assertMeanError(golden, adapted, 0.02);
      assertMeanError(golden, merged, 0.02);
    }
  }

  static Stream<FamilyAdapterGolden> quantized() {
    return Stream.of("dora-all", "whole-both", "dora-conv1d").map(FamilyAdapterGolden::of);
  }

  @Test
  void inspectionCountsAllThatIsStored() {
    AdapterSummary summary =
        TorchModels.inspectAdapter(FamilyAdapterGolden.of("bias-lora").write(adapter));
    // Of two layers key projections, 64 to 32, and the first of MLPs, 64 to 96: pairs and biases.
    assertThat(summary.parameters()).isEqualTo(2 * (3 * (64 + 32) + 3 * (64 + 96) + 32 + 96));
    assertThat(summary.targets()).containsExactly("c_fc", "k_proj");
    assertThat(summary.layers()).isEqualTo(4);
  }

  private void assertMeanError(FamilyAdapterGolden golden, LogitModel model, double bound) {
    List<float[]> rows = capped(inPasses(model, golden.prompt(), 4));
    assertThat(LogitRows.meanError(rows, golden.rows())).as("%s", golden).isLessThan(bound);
  }

  private void assertRows(String how, FamilyAdapterGolden golden, List<float[]> actual) {
    LogitRows.assertClose(golden + ", " + how, capped(actual), golden.rows(), TOLERANCE);
  }

  /** Models give logits before their bound, since they are fused before it. */
  private List<float[]> capped(List<float[]> rows) {
    OptionalDouble cap = DecoderCheckpoint.open(model).spec().head().cap();
    return cap.isPresent() ? LogitRows.capped(rows, cap.getAsDouble()) : rows;
  }

  private static List<float[]> inPasses(LogitModel model, int[] prompt, int length) {
    List<Step> steps = new ArrayList<>();
    for (int at = 0; at < prompt.length; at += length) {
      int[] tokens =
          IntStream.range(at, Math.min(at + length, prompt.length)).map(i -> prompt[i]).toArray();
      steps.add(Step.append(Rows.ALL, tokens));
    }
    return Step.play(model, steps);
  }
}
