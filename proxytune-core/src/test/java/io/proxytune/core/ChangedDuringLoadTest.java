package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.CheckpointException;
import io.proxytune.LogitSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every file that a load reads is refused where it changes before the load returns. */
class ChangedDuringLoadTest {
  @TempDir private Path temp;

  private Path copy(String name) throws IOException {
    Path to = Files.createDirectories(temp.resolve(name));
    try (Stream<Path> files = Files.list(GoldenModels.folder(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }

  private static Path tokenizer() {
    return resource("/tokenizers/byte-level/tokenizer.json");
  }

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(ChangedDuringLoadTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gqa-tied, config.json",
    "gqa-tied, generation_config.json",
    "gqa-tied, tokenizer.json",
    "gqa-tied, tokenizer_config.json",
    "gqa-tied, chat_template.json",
    "adapters/all, adapter_config.json",
    "adapters/all, adapter_model.safetensors",
    "adapters/all, generation_config.json",
    "adapters/all, tokenizer.json",
    "adapters/all, tokenizer_config.json"
  })
  void theFileIsNamed(String folder, String name) throws IOException {
    Path model = copy("gqa-tied");
    Path adapter = copy("adapters/all");
    Path tokenizer = tokenizer();
    for (Path each : List.of(model, adapter)) {
      Files.copy(tokenizer, each.resolve("tokenizer.json"));
      Files.writeString(each.resolve("tokenizer_config.json"), "{}");
      Files.writeString(each.resolve("generation_config.json"), "{}");
    }
    Files.writeString(model.resolve("chat_template.json"), "{\"chat_template\": \"x\"}");
    LoadOptions options = LoadOptions.defaults().withAdapter(adapter);
    try (LogitSource sound = TorchModels.load(model, options)) {
      assertThat(sound.tokenizer()).isPresent();
    }
    Path file = temp.resolve(folder).resolve(name);
    LoadOptions rewriting = options.withListener(progress -> rewrite(file));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TorchModels.load(model, rewriting))
        .withMessageContaining(file + " changed since it was opened");
  }

  private static void rewrite(Path file) {
    try {
      Files.write(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
