package io.proxytune.core.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
  @TempDir Path folder;

  private void write(String text) throws IOException {
    DurableFiles.write(folder.resolve("file"), out -> out.write(text.getBytes(UTF_8)));
  }

  @Test
  void aFileIsReplacedAndNothingIsLeftBeside() throws IOException {
    write("old");
    write("new");
    assertThat(folder.resolve("file")).hasContent("new");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aFailureLeavesTheOldFileAlone() throws IOException {
    write("old");
    assertThatThrownBy(
            () ->
                DurableFiles.write(
                    folder.resolve("file"),
                    out -> {
                      out.write(1);
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(folder.resolve("file")).hasContent("old");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void whatLinksLeadToIsNotWritten() throws IOException {
    Path foreign = Files.writeString(folder.resolve("foreign"), "mine");
    Files.createSymbolicLink(folder.resolve("file"), foreign);
    Files.createSymbolicLink(folder.resolve("file.tmp"), foreign);
    write("new");
    assertThat(foreign).hasContent("mine");
    assertThat(folder.resolve("file")).isRegularFile().hasContent("new");
    assertThat(Files.isSymbolicLink(folder.resolve("file"))).isFalse();
  }

  @Test
  void anInterruptedThreadWritesAndStaysInterrupted() throws IOException {
    Thread.currentThread().interrupt();
    try {
      write("new");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(folder.resolve("file")).hasContent("new");
  }
}
