package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An expert that is an adapter beside its anti-expert: the same text, one copy, clear ends. */
@Tag("processor")
class SharedAdapterTest {
  private static final Path HOST = GoldenModels.folder("gqa-tied");
  private static final Path ADAPTER = GoldenModels.folder("adapters/all");
  private static final Path OTHER = GoldenModels.folder("adapters/only-v");
  private static final Prompt PROMPT = Prompt.ofIds(7, 20, 41, 5, 66, 12, 9);

  private static float[] next(LogitModel source) {
    return Step.play(source, List.of(Step.append(Rows.LAST, 7, 20, 41))).get(0);
  }

  @Test
  void textsEndWhereTheAdaptersFolderSaysOrElseTheHost(@TempDir Path folder) throws IOException {
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(ADAPTER.resolve(file), folder.resolve(file));
    }
    assertEnds(folder, 2, 5);

    Path tokenizer = HOST.resolveSibling("trio").resolve("base");
    Files.copy(tokenizer.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"w9\"}");
    assertEnds(folder, 2, 5, 9);

    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [7]}");
    assertEnds(folder, 7, 9);
  }

  /** Beside the host and merged into it alike. */
  private static void assertEnds(Path adapter, Integer... ids) {
    LoadOptions merged = LoadOptions.defaults().withAdapter(adapter);
    try (LogitModel host = TorchModels.load(HOST);
        LogitModel beside = TorchModels.loadAdapter(host, adapter);
        LogitModel within = TorchModels.load(HOST, merged)) {
      assertThat(beside.endOfTextIds()).containsExactlyInAnyOrder(ids);
      assertThat(within.endOfTextIds()).containsExactlyInAnyOrder(ids);
      assertThat(host.endOfTextIds()).containsExactlyInAnyOrder(2, 5);
    }
  }

  @Test
  void steeringIsThatOfTheMergedExpert() {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(24).withIgnoreEndOfText(true).withSeed(3);
    try (LogitModel base = TorchModels.load(GoldenModels.folder("mha-untied"));
        LogitModel small = TorchModels.load(HOST);
        LogitModel merged = TorchModels.load(ADAPTER);
        LogitModel beside = TorchModels.loadAdapter(small, ADAPTER);
        ProxyTuner expected = tuner(base, merged, small);
        ProxyTuner shared = tuner(base, beside, small)) {
      for (Sampler sampler : List.of(Sampler.greedy(), Sampler.topP(0.9))) {
        GenerationOptions with = options.withSampler(sampler);
        assertThat(shared.generate(PROMPT, with).tokenIds())
            .isEqualTo(expected.generate(PROMPT, with).tokenIds());
      }
      assertThat(shared.generateMany(PROMPT, 3, options).get(0).tokenIds())
          .isEqualTo(expected.generateMany(PROMPT, 3, options).get(0).tokenIds());
    }
  }

  private static ProxyTuner tuner(LogitModel base, LogitModel expert, LogitModel antiExpert) {
    return ProxyTuner.builder()
        .base(base)
        .expert(expert)
        .antiExpert(antiExpert)
        .prefillChunk(4)
        .build();
  }

  /** In every layout an adapter takes part in the pass in its own way. */
  @ParameterizedTest
  @EnumSource(WeightLayout.class)
  void inBfloat16ItGivesTheSameRowsAsInFloat32(WeightLayout layout) {
    List<Step> steps =
        List.of(
            Step.append(Rows.ALL, 7),
            Step.append(Rows.ALL, 20, 41),
            Step.append(Rows.ALL, 5, 66, 12, 9),
            Step.append(Rows.LAST, 3));
    LoadOptions exactly = LoadOptions.defaults().withDType(DType.FLOAT32);
    LoadOptions roughly = LoadOptions.defaults().withDType(DType.BFLOAT16).withLayout(layout);
    try (LogitModel exact = TorchModels.load(HOST, exactly);
        LogitModel exactExpert = TorchModels.loadAdapter(exact, ADAPTER);
        LogitModel rough = TorchModels.load(HOST, roughly);
        LogitModel roughExpert = TorchModels.loadAdapter(rough, ADAPTER)) {
      List<float[]> expected = Step.play(exactExpert, steps);
      assertThat(meanError(Step.play(roughExpert, steps), expected)).as("adapted").isLessThan(0.02);
      // Without the adapter the rows are far from these.
      assertThat(meanError(Step.play(rough, steps), expected)).as("plain").isGreaterThan(0.08);
    }
  }

  /** In parts of the largest logit: single ones are off by several times as much in bfloat16. */
  private static double meanError(List<float[]> actual, List<float[]> expected) {
    double sum = 0;
    double largest = 0;
    int count = 0;
    for (int row = 0; row < expected.size(); row++) {
      for (int id = 0; id < expected.get(row).length; id++) {
        sum += Math.abs((double) actual.get(row)[id] - expected.get(row)[id]);
        largest = Math.max(largest, Math.abs(expected.get(row)[id]));
        count++;
      }
    }
    return sum / count / largest;
  }

  @Test
  void severalAdaptersAndTheHostRunTogether() {
    try (LogitModel host = TorchModels.load(HOST);
        LogitModel all = TorchModels.loadAdapter(host, ADAPTER);
        LogitModel one = TorchModels.loadAdapter(host, OTHER)) {
      assertThat(all.host()).isSameAs(host).isSameAs(one.host()).isSameAs(host.host());
      List<LogitModel> sources = List.of(all, host, one, all);
      List<LogitSession> sessions = sources.stream().map(s -> s.newSession(3)).toList();
      List<Segment> segments =
          sessions.stream().map(s -> new Segment(s, new int[] {7, 20, 41}, Rows.LAST)).toList();
      List<float[]> rows = Step.forward(one, segments);
      for (int i = 0; i < sources.size(); i++) {
        LogitRows.assertClose("row " + i, rows.subList(i, i + 1), alone(sources.get(i)), 1e-5);
      }
      sessions.forEach(LogitSession::close);
    }
  }

  private static List<float[]> alone(LogitModel source) {
    return List.of(next(source));
  }

  @Test
  void sessionsAndForksBelongToTheirOwnSource() {
    try (LogitModel host = TorchModels.load(HOST);
        LogitModel adapted = TorchModels.loadAdapter(host, ADAPTER);
        LogitSession session = adapted.newSession(4)) {
      Step.append(Rows.NONE, 7, 20).run(session);
      try (LogitSession fork = session.fork(8)) {
        assertThat(fork.source()).isSameAs(adapted);
        List<float[]> row = Step.append(Rows.LAST, 41).run(fork);
        LogitRows.assertClose("fork", row, alone(adapted), 1e-5);
      }
    }
  }

  @Test
  void theHostOutlivesItsAdapters() {
    try (LogitModel host = TorchModels.load(HOST)) {
      float[] before = next(host);
      LogitModel adapted = TorchModels.loadAdapter(host, ADAPTER);
      LogitSession session = adapted.newSession(4);
      adapted.close();
      adapted.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> adapted.newSession(4))
          .withMessage("model gqa-tied+all is closed");
      Segment segment = new Segment(session, new int[] {7}, Rows.LAST);
      assertThatIllegalStateException()
          .isThrownBy(() -> host.forward(List.of(segment)))
          .withMessage("model gqa-tied+all is closed");
      assertThat(session.position()).isZero();
      session.close();
      assertThat(next(host)).isEqualTo(before);
    }
  }

  @Test
  void anAdapterWithoutItsHostSaysSo() {
    LogitModel host = TorchModels.load(HOST);
    try (LogitModel adapted = TorchModels.loadAdapter(host, ADAPTER)) {
      host.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> next(adapted))
          .withMessage("model gqa-tied is closed");
      assertThatIllegalStateException()
          .isThrownBy(() -> TorchModels.loadAdapter(host, OTHER))
          .withMessage("model gqa-tied is closed");
    }
  }

  @Test
  void onlyALoadedModelTakesAnAdapter() {
    LogitModel own = FunctionLogitSource.of("own", 4, 8, ids -> new float[4]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TorchModels.loadAdapter(own, ADAPTER))
        .withMessageContaining("own can't take an adapter");
    try (LogitModel host = TorchModels.load(HOST);
        LogitModel adapted = TorchModels.loadAdapter(host, ADAPTER)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TorchModels.loadAdapter(adapted, OTHER))
          .withMessageContaining("gqa-tied+all can't take an adapter");
      assertThatThrownBy(() -> TorchModels.loadAdapter(host, HOST))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("has no adapter_config.json");
    }
    assertThatThrownBy(() -> TorchModels.load(ADAPTER, LoadOptions.defaults().withAdapter(OTHER)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is an adapter itself");
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() {
    try (LogitModel host = TorchModels.load(GoldenModels.folder("mqa-bias-head-dim"))) {
      assertThatThrownBy(() -> TorchModels.loadAdapter(host, ADAPTER))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("on model mqa-bias-head-dim: it has tensor")
          .hasMessageContaining("expected [");
    }
  }
}
