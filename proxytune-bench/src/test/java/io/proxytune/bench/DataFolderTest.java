package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir Path temporary;

  private final List<String> made = new ArrayList<>();

  @Test
  void makesAFolderOnceForEachOrigin() {
    cached("one");
    cached("one");
    cached("another");
    cached("another");
    assertThat(made).containsExactly("one", "another");
  }

  @Test
  void makesAgainWhatWasNotFinished() {
    assertThatThrownBy(
            () ->
                DataFolder.cached(
                    temporary.resolve("models"),
                    "one",
                    folder -> {
                      Files.createDirectories(folder);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("models")
        .hasMessageContaining("proxytune.bench.data");
    cached("one");
    assertThat(made).containsExactly("one");
  }

  private void cached(String origin) {
    DataFolder.cached(
        temporary.resolve("models"),
        origin,
        folder -> {
          Files.createDirectories(folder);
          made.add(origin);
        });
  }
}
