package io.proxytune.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user calls a model is a folder first, and then a name on the Hub. */
class ModelFoldersTest {
  @TempDir Path temp;
  private HubCache cache;
  private Path cached;

  /** The cache has a model named as the modules' folder of sources is. */
  @BeforeEach
  void open() throws IOException {
    cache = HubCache.of(Map.of("HF_HUB_CACHE", temp.toString()), temp);
    MadeCache made = new MadeCache(temp, true);
    made.revision("src/main", "0a1b", "config.json", "model.safetensors");
    made.revision("pom.xml", "0a1b", "config.json", "model.safetensors");
    cached = made.revision("org/name", "0a1b", "config.json", "model.safetensors");
  }

  @Test
  void aFolderComesFirst() {
    assertThat(ModelFolders.find("src/main", cache)).isEqualTo(Path.of("src/main"));
    assertThat(ModelFolders.find(temp.toString(), cache)).isEqualTo(temp);
    assertThat(ModelFolders.find("src/main@0a1b", cache)).startsWithRaw(temp);
  }

  @Test
  void aNameIsFoundInTheCache() {
    assertThat(ModelFolders.find("org/name", cache)).isEqualTo(cached);
    assertThat(ModelFolders.find("pom.xml", cache)).startsWithRaw(temp);
  }

  @Test
  void aFileIsForOthersToRefuse() throws IOException {
    Path file = Files.writeString(temp.resolve("model.safetensors"), "");
    assertThat(ModelFolders.find(file.toString(), cache)).isEqualTo(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/gone", "./gone", "a/b/c", "models/"})
  void whatIsNeitherIsRefused(String text) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ModelFolders.find(text, cache))
        .withMessage(
            "there is no folder \"%s\"; give the path of a downloaded Hugging Face checkpoint, or a"
                + " model's name on the Hub, such as Qwen/Qwen2.5-0.5B",
            text);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ModelFolders.find("org/gone", cache))
        .withMessageContaining("hf download org/gone");
  }

  @Test
  void whatCannotBeAPathIsRefused() {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ModelFolders.find("a\0b", cache))
        .withMessageStartingWith("there is no folder \"a");
  }
}
