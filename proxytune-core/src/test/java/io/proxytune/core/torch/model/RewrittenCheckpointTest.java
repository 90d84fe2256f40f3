package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.ChildJvm;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training loop may save into a folder while a server loads from it: the server gets one of the
 * versions or a refusal, and lives. In a process of its own, since a mapped file that is cut short
 * would end it.
 */
@Tag("slow")
class RewrittenCheckpointTest {
  private static final int SECONDS = 3;
  private static final int VOCABULARY = 16_384;

  @TempDir Path temp;

  private final Random random = new Random(1);

  private Path version(String name, int layersAnew) throws IOException {
    TinyLlama llama =
        new TinyLlama()
            .config(config -> config.put("vocab_size", VOCABULARY))
            .type(StoredType.F32)
            .add("model.embed_tokens.weight", VOCABULARY, 8)
            .add("lm_head.weight", VOCABULARY, 8);
    for (int i = 0; i < layersAnew; i++) {
      llama.addLayer(0).addLayer(1);
    }
    return llama.write(Files.createDirectory(temp.resolve(name)));
  }

  @Test
  void loadingIsSafeWhileAnotherProcessSaves() throws Exception {
    List<byte[]> versions = List.of(weights(version("first", 0)), weights(version("second", 1)));
    Path file = version("rewritten", 0).resolve("model.safetensors");
    Path counts = temp.resolve("counts");
    Process process = start(counts, SECONDS);
    try {
      awaitBegun(process, Path.of(counts + ".begun"));
      while (process.isAlive()) {
        rewrite(file, versions.get(random.nextInt(versions.size())));
      }
      assertThat(process.waitFor()).as(Files.readString(temp.resolve("log"))).isZero();
    } finally {
      process.destroyForcibly();
    }

    List<Integer> numbers =
        Stream.of(Files.readString(counts).split("\\D+"))
            .filter(number -> !number.isEmpty())
            .map(Integer::valueOf)
            .toList();
    assertThat(numbers.get(3)).as("neither version's numbers, of %s", numbers).isZero();
    assertThat(numbers.get(0)).as("loaded, of %s", numbers).isPositive();
    assertThat(numbers.get(1)).as("refused as changed, of %s", numbers).isPositive();
  }

  private static byte[] weights(Path folder) throws IOException {
    return Files.readAllBytes(folder.resolve("model.safetensors"));
  }

  /** What savers do, and cut files. Each ends with a whole file. */
  private void rewrite(Path file, byte[] version) throws IOException, InterruptedException {
    switch (random.nextInt(3)) {
      case 0 -> replace(file, version);
      case 1 -> writeInPlace(file, version);
      default -> {
        cut(file, random.nextInt(version.length));
        Thread.sleep(random.nextInt(20));
        Files.write(file, version);
      }
    }
    Thread.sleep(random.nextInt(60));
  }

  private void replace(Path file, byte[] version) throws IOException {
    Path temporary = Files.write(temp.resolve("temporary"), version);
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void writeInPlace(Path file, byte[] version) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(version);
    }
  }

  private static void cut(Path file, int length) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(length);
    }
  }

  private static void awaitBegun(Process process, Path begun) throws InterruptedException {
    while (process.isAlive() && !Files.exists(begun)) {
      Thread.sleep(5);
    }
  }

  private Process start(Path counts, int seconds) throws IOException {
    return ChildJvm.of(
            RewrittenCheckpointProgram.class,
            List.of(
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-Dproxytune.threads=1",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"),
            counts,
            seconds,
            temp.resolve("rewritten"),
            temp.resolve("first"),
            temp.resolve("second"))
        .redirectOutput(temp.resolve("log").toFile())
        .start();
  }

  @Test
  void theProgramCountsWrongNumbers() throws Exception {
    // The first version is not among those that may be read.
    version("rewritten", 0);
    version("first", 1);
    version("second", 1);
    Process process = start(temp.resolve("counts"), 1);
    assertThat(ChildJvm.end(process)).isZero();
    assertThat(Files.readString(temp.resolve("counts"))).doesNotEndWith(" 0]");
  }
}
