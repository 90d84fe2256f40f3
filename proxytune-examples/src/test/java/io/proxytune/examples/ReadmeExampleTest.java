package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.SteeringProfile;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.SteeringProfiles;
import io.proxytune.core.TorchModels;
import io.proxytune.core.WeightLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example, which this compiles, compares and runs. */
@Tag("slow")
class ReadmeExampleTest {
  private static void example(Path models) {
    // README begins
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-13b"));
        LogitSource expert = TorchModels.load(models.resolve("llama-2-7b-chat"));
        LogitSource antiExpert = TorchModels.load(models.resolve("llama-2-7b"));
        ProxyTuner tuner =
            ProxyTuner.builder()
                .base(base)
                .expert(expert)
                .antiExpert(antiExpert)
                .alpha(1.0)
                .sampler(Sampler.topP(0.9).withTemperature(0.7))
                .build()) {
      System.out.println(tuner.generate("Why is the sky blue?").text());

      GenerationOptions options = GenerationOptions.defaults().withSeed(42).withMaxNewTokens(100);
      try (TokenStream tokens = tuner.stream("Tell me a story", options)) {
        for (Token token : tokens) {
          System.out.print(token.text());
        }
      }
    }
    // README ends
  }

  private static void adapters(Path models) {
    // README adapters begin
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-13b"));
        LogitSource small = TorchModels.load(models.resolve("llama-2-7b"));
        LogitSource tuned = TorchModels.loadAdapter(small, models.resolve("chat-lora"));
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(tuned).antiExpert(small).build()) {
      System.out.println(tuner.generate("Why is the sky blue?").text());
    }

    Path lora = models.resolve("chat-lora");
    LoadOptions merged = LoadOptions.defaults().withAdapter(lora);
    try (LogitSource model = TorchModels.load(models.resolve("llama-2-7b"), merged)) {
      System.out.println(model.name());
    }
    // README adapters end
  }

  private static void constraint(Path models) {
    // README constraint begin
    Constraint trip =
        Constraint.jsonSchema(
            """
            {"properties": {"city": {"enum": ["Paris", "Rome"]}, "days": {"type": "integer"}},
             "required": ["city", "days"]}
            """);
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-7b-chat"));
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      GenerationOptions asJson = GenerationOptions.defaults().withConstraint(trip);
      System.out.println(tuner.generate("A trip as JSON:", asJson).text());
    }
    // README constraint end
  }

  private static void profiles(Path models) {
    // README profiles begin
    SteeringProfile profile = SteeringProfiles.read(models.resolve("steering.json"));
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-13b"));
        LogitSource expert = TorchModels.load(models.resolve("llama-2-7b-chat"));
        LogitSource antiExpert = TorchModels.load(models.resolve("llama-2-7b"));
        ProxyTuner tuner =
            ProxyTuner.builder()
                .base(base)
                .expert(expert)
                .antiExpert(antiExpert)
                .profile(profile)
                .build()) {
      System.out.println(tuner.generate("Why is the sky blue?").text());
    }
    // README profiles end
  }

  private static void published(Path models) {
    // README published begin
    try (LogitSource model = TorchModels.load(models.resolve("llama-2-7b-chat"));
        ProxyTuner tuner =
            ProxyTuner.builder()
                .base(model)
                .defaults(model.publishedDefaults().options())
                .build()) {
      System.out.println(tuner.generate("Why is the sky blue?").text());
    }
    // README published end
  }

  private static void quantization(Path models) {
    // README quantization begin
    LoadOptions rounded = LoadOptions.defaults().withQuantization(Quantization.int8());
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-13b"), rounded)) {
      System.out.println(base.name());
    }
    // README quantization end
  }

  private static void layout(Path models) {
    // README layout begin
    LoadOptions twice = LoadOptions.defaults().withLayout(WeightLayout.PACKED_TWICE);
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-13b"), twice)) {
      System.out.println(base.name());
    }
    // README layout end
  }

  private static Path up(String file) {
    Path module = Path.of("").toAbsolutePath();
    return Files.exists(module.resolve("mvnw"))
        ? module.resolve(file)
        : module.resolveSibling(file);
  }

  private static String exampleSource(String begin, String end) throws IOException {
    Path source =
        up("proxytune-examples")
            .resolve("src/test/java/io/proxytune/examples/ReadmeExampleTest.java");
    List<String> lines = Files.readAllLines(source);
    return String.join(
            "\n",
            lines.subList(
                lines.indexOf("    // README " + begin) + 1, lines.indexOf("    // README " + end)))
        .stripIndent();
  }

  @Test
  void thePagesShowThisCode() throws IOException {
    assertShown("README.md", exampleSource("begins", "ends"));
    assertShown("README.md", exampleSource("adapters begin", "adapters end"));
    assertShown("README.md", exampleSource("constraint begin", "constraint end"));
    assertShown("README.md", exampleSource("profiles begin", "profiles end"));
    assertShown("proxytune-core/CHECKPOINTS.md", exampleSource("published begin", "published end"));
    assertShown(
        "proxytune-bench/SPEED.md", exampleSource("quantization begin", "quantization end"));
    assertShown("proxytune-bench/SPEED.md", exampleSource("layout begin", "layout end"));
  }

  private static void assertShown(String page, String code) throws IOException {
    assertThat(Files.readString(up(page))).containsOnlyOnce("```java\n" + code + "\n```\n");
  }

  @Test
  void theExampleRuns(@TempDir Path models) {
    TinyCheckpoint.write(models.resolve("llama-2-13b"), 1);
    TinyCheckpoint.write(models.resolve("llama-2-7b-chat"), 2);
    TinyCheckpoint.write(models.resolve("llama-2-7b"), 3);
    assertThat(printed(() -> example(models))).isNotBlank();
  }

  /** At α = 0 the text is the base's own. */
  @Test
  void theExampleOfProfilesRuns(@TempDir Path models) throws IOException {
    TinyCheckpoint.write(models.resolve("llama-2-13b"), 1);
    TinyCheckpoint.write(models.resolve("llama-2-7b-chat"), 2);
    TinyCheckpoint.write(models.resolve("llama-2-7b"), 3);
    Files.writeString(
        models.resolve("steering.json"),
        "{\"version\": 1, \"alphas\": [0], \"preset\": \"proxy-tuning\"}");
    String alone;
    try (LogitSource base = TorchModels.load(models.resolve("llama-2-13b"));
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      alone = tuner.generate("Why is the sky blue?").text();
    }
    assertThat(printed(() -> profiles(models))).isEqualTo(alone + "\n");
  }

  @Test
  void theAdapterExampleRuns(@TempDir Path models) {
    TinyCheckpoint.write(models.resolve("llama-2-13b"), 1);
    TinyCheckpoint.write(models.resolve("llama-2-7b"), 3);
    TinyCheckpoint.writeAdapter(models.resolve("chat-lora"), 2, "../llama-2-7b");
    assertThat(printed(() -> adapters(models))).endsWith("llama-2-7b+chat-lora\n");
  }

  @Test
  void theExampleOfConstraintsRuns(@TempDir Path models) {
    ByteCheckpoint.write(models.resolve("llama-2-7b-chat"), 1);
    assertThat(printed(() -> constraint(models)))
        .matches("\\{\\s*\"city\":\\s*\"(Paris|Rome)\",\\s*\"days\":\\s*-?\\d{1,15}\\s*}\n");
  }

  @Test
  void theExampleOfPublishedDefaultsRuns(@TempDir Path models) throws IOException {
    Path model = models.resolve("llama-2-7b-chat");
    TinyCheckpoint.write(model, 1);
    assertThat(printed(() -> published(models))).isNotBlank();
    Files.writeString(model.resolve("generation_config.json"), "{\"max_new_tokens\": 0}");
    assertThatThrownBy(() -> published(models)).hasMessageContaining("max_new_tokens must be");
  }

  @Test
  void theQuantizationExampleRuns(@TempDir Path models) {
    TinyCheckpoint.write(models.resolve("llama-2-13b"), 1);
    assertThat(printed(() -> quantization(models))).endsWith("llama-2-13b\n");
  }

  @Test
  void theLayoutExampleRuns(@TempDir Path models) {
    TinyCheckpoint.write(models.resolve("llama-2-13b"), 1);
    assertThat(printed(() -> layout(models))).endsWith("llama-2-13b\n");
  }

  private static String printed(Runnable example) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      example.run();
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }
}
