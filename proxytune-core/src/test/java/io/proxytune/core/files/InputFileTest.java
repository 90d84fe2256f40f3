package io.proxytune.core.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever lies where a text file should, the reader returns its text or says what it is. */
@Timeout(20)
class InputFileTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("config.json");
  }

  private void assertRefused(String... words) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TextFile.read(file()))
        .withMessageContaining(file().toString())
        .withMessageContainingAll(words);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> lines(file()))
        .withMessageContaining(file().toString());
  }

  private static List<String> lines(Path file) {
    List<String> all = new ArrayList<>();
    try (TextLines lines = TextLines.open(file)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        all.add(line);
        assertThat(lines.number()).isEqualTo(all.size());
      }
    }
    return all;
  }

  @Test
  void followsLinks() throws IOException {
    Path target = Files.writeString(folder.resolve("blob"), "naïve");
    Files.createSymbolicLink(file(), target);

    assertThat(InputFile.isListed(file())).isTrue();
    assertThat(TextFile.read(file())).isEqualTo("naïve");
  }

  @Test
  void namesADanglingLink() throws IOException {
    Files.createSymbolicLink(file(), folder.resolve("nowhere"));

    assertThat(InputFile.isListed(file())).isTrue();
    assertRefused("leads nowhere");
  }

  @Test
  void namesAFolder() throws IOException {
    Files.createDirectory(file());
    assertRefused("must be a file, got a folder");
  }

  @Test
  void opensNoPipe() throws IOException, InterruptedException {
    Path pipe = file();
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertRefused("special file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/zero", "/dev/stdin", "/dev/tty"})
  void opensNoDevice(String device) throws IOException {
    assumeTrue(Files.exists(Path.of(device)) && !Files.isRegularFile(Path.of(device)));
    Files.createSymbolicLink(file(), Path.of(device));
    assertRefused("special file");
  }

  @Test
  void namesOtherFileSystems() throws IOException {
    URI archive = URI.create("jar:" + folder.resolve("a.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path inside = Files.writeString(zip.getPath("config.json"), "{}");
      assertThatThrownBy(() -> TextFile.read(inside))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll("config.json", "a file on disk", "jar");
    }
  }

  @Test
  void readsWithoutAByteOrderMark() throws IOException {
    Files.writeString(file(), "\uFEFF{}\r\n\nb\rc");

    assertThat(TextFile.read(file())).isEqualTo("{}\r\n\nb\rc");
    assertThat(lines(file())).containsExactly("{}", "", "b", "c");
  }

  @Test
  void namesTheLineThatIsNotUtf8() throws IOException {
    Files.write(file(), "{\n\"é\": 1,\n\"a\": \"é\"}".getBytes(ISO_8859_1));
    assertRefused("must be UTF-8 text, got other bytes on line 2");
  }

  @Test
  void namesABrokenCharacterOnTheLastLine() throws IOException {
    byte[] text = "{\n\"a\": \"é".getBytes(UTF_8);
    Files.write(file(), java.util.Arrays.copyOf(text, text.length - 1));
    assertRefused("must be UTF-8 text, got other bytes on line 2");
  }

  @Test
  void namesUtf16() throws IOException {
    Files.write(file(), "\uFEFF{}".getBytes(UTF_16LE));
    assertRefused("must be UTF-8 text, got UTF-16 text");
  }

  @Test
  void namesAGitLfsPointer() throws IOException {
    Files.writeString(
        file(),
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 101824\n");
    assertRefused("Git LFS pointer", "git lfs pull");
  }

  @Test
  void readsSoManyBytesAndNoMore() throws IOException {
    Files.writeString(file(), "12345");

    assertThat(TextFile.read(file(), 5)).isEqualTo("12345");
    assertThatThrownBy(() -> TextFile.read(file(), 4))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(file().toString(), "at most 4 bytes, got 5");
  }

  @Test
  void readsLinesOfABoundedLength() throws IOException {
    Files.writeString(file(), "a\n" + "b".repeat(TextLines.MAX_LINE) + "\nc");
    assertThat(lines(file())).hasSize(3);

    Files.writeString(file(), "a\n" + "b".repeat(TextLines.MAX_LINE + 1));
    assertThatThrownBy(() -> lines(file()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(file().toString(), "line 2", "at most 20000000 characters");
  }

  @Test
  void anInterruptedThreadReadsToo() throws IOException {
    Files.writeString(file(), "{}");
    Thread.currentThread().interrupt();
    try {
      assertThat(TextFile.read(file())).isEqualTo("{}");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
