package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
  /** FIPS 180-2, B.1. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir private Path folder;

  @Test
  void whatAModelIsReadFromIsNamed() throws Exception {
    Files.writeString(folder.resolve("model.safetensors"), "abc");
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("README.md"), "no");
    JsonNode files = ModelFiles.of(folder);
    assertThat(files)
        .extracting(it -> it.get("name").textValue())
        .containsExactly("config.json", "model.safetensors");
    assertThat(files.get(1).get("sha256").textValue()).isEqualTo(ABC);
    assertThat(files.get(1).get("bytes").intValue()).isEqualTo(3);
    assertThat(files.get(1).get("of").textValue()).isEqualTo("the whole file");
    assertThat(ModelFiles.of(folder.resolve("nowhere"))).isEmpty();
  }

  @Test
  void aLongFileIsKnownByItsLengthAndBlocksOfIt() throws Exception {
    byte[] bytes = new byte[3_000_000];
    String before = sampled(bytes);
    assertThat(sampled(new byte[bytes.length + 1])).isNotEqualTo(before);
    bytes[4095] = 1; // in the first block
    assertThat(sampled(bytes)).isNotEqualTo(before);
    bytes[4095] = 0;
    bytes[4096] = 1; // between blocks
    assertThat(sampled(bytes)).isEqualTo(before);
  }

  private String sampled(byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve("x"), bytes);
    return ModelFiles.sha256(file, bytes.length, 1 << 20);
  }
}
