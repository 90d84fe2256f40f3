package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.TorchModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example, which this compiles, compares and runs. */
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

  private static Path up(String file) {
    Path module = Path.of("").toAbsolutePath();
    Path here = module.resolve(file);
    return Files.exists(here) ? here : module.resolveSibling(file);
  }

  private static String exampleSource() throws IOException {
    Path source =
        up("proxytune-examples")
            .resolve("src/test/java/io/proxytune/examples/ReadmeExampleTest.java");
    List<String> lines = Files.readAllLines(source);
    return String.join(
            "\n",
            lines.subList(
                lines.indexOf("    // README begins") + 1, lines.indexOf("    // README ends")))
        .stripIndent();
  }

  @Test
  void theReadmeShowsThisCode() throws IOException {
    assertThat(Files.readString(up("README.md")))
        .containsOnlyOnce("```java\n" + exampleSource() + "\n```\n");
  }

  @Test
  void theExampleRuns(@TempDir Path models) {
    TinyCheckpoint.write(models.resolve("llama-2-13b"), 1);
    TinyCheckpoint.write(models.resolve("llama-2-7b-chat"), 2);
    TinyCheckpoint.write(models.resolve("llama-2-7b"), 3);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      example(models);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).isNotBlank();
  }
}
