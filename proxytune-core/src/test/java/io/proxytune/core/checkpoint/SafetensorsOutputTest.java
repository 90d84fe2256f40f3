package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsOutputTest {
  private static final List<SafetensorsOutput.Entry> ENTRIES =
      List.of(
          new SafetensorsOutput.Entry("a.é", StoredType.BF16, List.of(3L)),
          new SafetensorsOutput.Entry("empty", StoredType.F32, List.of(0L, 4L)),
          new SafetensorsOutput.Entry("b", StoredType.F32, List.of(1L, 2L)));

  @TempDir Path folder;

  /** Each tensor's bytes are its index; given in two pieces. */
  private static void give(int index, SafetensorsOutput.Sink sink) throws IOException {
    byte[] bytes = new byte[(int) ENTRIES.get(index).bytes()];
    Arrays.fill(bytes, (byte) (index + 1));
    int half = bytes.length / 2;
    sink.write(ByteBuffer.wrap(bytes, 0, half));
    sink.write(ByteBuffer.wrap(bytes, half, bytes.length - half));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Files.writeString(file, "replaced");
    SafetensorsOutput.write(file, ENTRIES, Map.of("format", "pt"), SafetensorsOutputTest::give);
    Map<String, StoredTensor> read = SafetensorsFile.read(file);
    assertThat(read.keySet()).containsExactlyInAnyOrder("a.é", "empty", "b");
    byte[] all = Files.readAllBytes(file);
    for (int i = 0; i < ENTRIES.size(); i++) {
      StoredTensor tensor = read.get(ENTRIES.get(i).name());
      assertThat(tensor.type()).isEqualTo(ENTRIES.get(i).type());
      assertThat(tensor.shape()).isEqualTo(ENTRIES.get(i).shape());
      for (long at = tensor.offset(); at < tensor.offset() + tensor.byteLength(); at++) {
        assertThat(all[(int) at]).isEqualTo((byte) (i + 1));
      }
    }
    assertThat(new String(all, StandardCharsets.UTF_8)).contains("{\"format\":\"pt\"}");
    assertThat(read.get("a.é").offset() % 8).isZero();
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aFailureLeavesTheFileAsItWas() throws IOException {
    Path file = Files.writeString(folder.resolve("x.safetensors"), "as it was");
    assertThatThrownBy(
            () ->
                SafetensorsOutput.write(
                    file,
                    ENTRIES,
                    Map.of(),
                    (index, sink) -> {
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("x.safetensors")
        .hasMessageContaining("No space left on device");
    assertThat(file).hasContent("as it was");
  }

  @Test
  void aSourceThatGivesTooLittleIsRefused() {
    assertThatThrownBy(
            () ->
                SafetensorsOutput.write(
                    folder.resolve("x.safetensors"), ENTRIES, Map.of(), (index, sink) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("needs 6 bytes, got 0");
    assertThat(folder.resolve("x.safetensors")).doesNotExist();
  }
}
