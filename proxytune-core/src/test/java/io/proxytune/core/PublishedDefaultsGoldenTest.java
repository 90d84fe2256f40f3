package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.PublishedDefaults;
import io.proxytune.Speculation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts under a checkpoint's published settings, against transformers' {@code generate}. */
class PublishedDefaultsGoldenTest {
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);

  @TempDir private Path folder;

  /** A case of the golden file; its name is shown. */
  private record Case(String name, JsonNode json) {
    @Override
    public String toString() {
      return name;
    }

    List<List<Integer>> texts(String of) {
      return elements(json.get("texts")).map(text -> ids(text.get(of))).toList();
    }
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream file =
        PublishedDefaultsGoldenTest.class.getResourceAsStream(
            "/golden/generation/published.json")) {
      JsonNode cases = new ObjectMapper().readTree(file).get("cases");
      return elements(cases).map(json -> new Case(json.get("name").asText(), json));
    }
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static List<Integer> ids(JsonNode array) {
    return elements(array).map(JsonNode::intValue).toList();
  }

  private static Prompt prompt(List<Integer> ids) {
    return Prompt.ofIds(ids.stream().mapToInt(Integer::intValue).toArray());
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
      for (Path file : files) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private Path checkpoint(String settings) throws IOException {
    Path model = folder.resolve("model");
    copyFiles(GoldenModels.folder("trio/base"), model);
    Files.writeString(model.resolve("generation_config.json"), settings);
    return model;
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("cases")
  void textsAreThoseOfGenerate(Case golden) throws IOException {
    List<List<Integer>> expected = golden.texts("tokens");
    List<Prompt> prompts =
        golden.texts("prompt").stream().map(PublishedDefaultsGoldenTest::prompt).toList();
    Path model = checkpoint(golden.json.get("settings").toString());
    try (LogitSource base = TorchModels.load(model, FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      GenerationOptions options = base.publishedDefaults().options();
      for (Speculation speculation : List.of(Speculation.off(), Speculation.draft(3))) {
        GenerationOptions drafting = options.withSpeculation(speculation);
        assertThat(ids(tuner.generateAll(prompts, drafting))).isEqualTo(expected);
        assertThat(prompts.stream().map(prompt -> tuner.generate(prompt, drafting).tokenIds()))
            .as("each alone, %s", speculation)
            .isEqualTo(expected);
      }
    }
  }

  private static List<List<Integer>> ids(List<Generation> generations) {
    return generations.stream().map(Generation::tokenIds).toList();
  }

  @Test
  void anAdapterHasItsOwnSettingsOrItsModels() throws IOException {
    Path model = folder.resolve("model");
    copyFiles(GoldenModels.folder("gqa-tied"), model);
    Files.writeString(model.resolve("generation_config.json"), "{\"repetition_penalty\": 1.5}");
    Path adapter = folder.resolve("adapter");
    copyFiles(GoldenModels.folder("adapters/all"), adapter);
    assertThat(penalties(model, adapter)).containsOnly(1.5);

    Files.writeString(adapter.resolve("generation_config.json"), "{\"repetition_penalty\": 2}");
    assertThat(penalties(model, adapter)).containsExactly(1.5, 2.0, 2.0);
  }

  /** Of a model, of an adapter beside it, and of the adapter merged into it. */
  private static List<Double> penalties(Path model, Path adapter) {
    try (LogitSource host = TorchModels.load(model, FLOAT32);
        LogitSource beside = TorchModels.loadAdapter(host, adapter);
        LogitSource merged = TorchModels.load(model, FLOAT32.withAdapter(adapter))) {
      return Stream.of(host, beside, merged)
          .map(source -> source.publishedDefaults().options().penalties().repetition())
          .toList();
    }
  }

  @Test
  void inspectShowsThemAndWhatIsWrong() throws IOException {
    Path model = checkpoint("{\"do_sample\": true, \"top_k\": 20, \"num_beams\": 2}");
    CheckpointSummary summary = TorchModels.inspect(model);
    assertThat(summary.published().settings())
        .isEqualTo(Map.of("do_sample", true, "top_k", 20, "num_beams", 2));
    assertThat(summary.published().withoutEffect()).containsExactly("num_beams");
    assertThat(summary.publishedProblem()).isEmpty();

    Files.writeString(
        model.resolve("generation_config.json"), "{\"do_sample\": true, \"top_k\": \"hot\"}");
    CheckpointSummary malformed = TorchModels.inspect(model);
    assertThat(malformed.published()).isEqualTo(PublishedDefaults.NONE);
    assertThat(malformed.publishedProblem())
        .hasValueSatisfying(
            problem ->
                assertThat(problem)
                    .contains("generation_config.json: top_k must be an integer of at least 0"));
  }

  /** Stop strings end a text before them; its tokens are those of generate. */
  @Test
  void aPublishedStopStringEndsTheText() {
    Path model = SharedData.require("cases/checkpoints/generation_config-stopstr");
    try (LogitSource base = TorchModels.load(model, FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      PublishedDefaults published = base.publishedDefaults();
      assertThat(published.options().stopStrings()).containsExactly("er");
      Generation plain = tuner.generate("Once", GenerationOptions.defaults());
      Generation stopped = tuner.generate("Once", published.options());
      assertThat(plain.text()).contains("er");
      assertThat(stopped.text()).isEqualTo(plain.text().substring(0, plain.text().indexOf("er")));
    }
  }
}
