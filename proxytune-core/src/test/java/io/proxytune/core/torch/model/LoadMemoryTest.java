package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.ChildJvm;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Loading holds the weights once, with an adapter beside them too, closing gives all of them back:
 * measured on a process of its own, since memory that other tests used could hide it.
 */
@Tag("slow")
class LoadMemoryTest {
  private static final int HIDDEN = 512;
  private static final int INTERMEDIATE = 1536;
  private static final int LAYERS = 12;
  private static final int VOCABULARY = 8000;
  private static final double PEAK = 1.15;

  /** Code of LibTorch that runs for the first time, and the JVM's own ups and downs. */
  private static final long ALLOWANCE = 32L << 20;

  /** An adapter's first pass runs more of it: 33.7 million bytes were seen on a busy machine. */
  private static final long ADAPTER_ALLOWANCE = 40L << 20;

  @TempDir Path temp;

  /**
   * Quantized weights are made tensor by tensor: never are all there at full size beside them, nor
   * do read pages of the file stay.
   */
  @ParameterizedTest
  @CsvSource({
    "none, false",
    "int8, false",
    "int8+head, false",
    "int4, false",
    "int4:128+head, false",
    "none, true",
    "int8+head, true",
    "int4, true"
  })
  void peakStaysNearTheWeightsSizeAndClosingGivesItBack(String quantization, boolean kept)
      throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "needs Linux's /proc");
    Path tiny =
        new TinyLlama().type(StoredType.BF16).write(Files.createDirectory(temp.resolve("tiny")));
    Path large = Files.createDirectory(temp.resolve("large"));
    long stored = writeLarge(large);
    long size = TorchModels.weightBytes(large, Quantization.parse(quantization));
    Path adapter = writeAdapter(Files.createDirectory(temp.resolve("adapter")));
    List<Long> figures = measure(tiny, large, adapter, quantization, kept);
    long before = figures.get(0);

    assertThat(stored).isGreaterThan(80_000_000);
    assertThat(figures.get(1) - before).as("peak").isLessThan((long) (PEAK * size) + ALLOWANCE);
    assertThat(figures.get(2) - before).as("after closing").isLessThan(ALLOWANCE);
    assertThat(figures.get(3) - before).as("after closing again").isLessThan(ALLOWANCE);
    assertThat(figures.get(4)).as("an adapter beside the weights").isLessThan(ADAPTER_ALLOWANCE);
  }

  private List<Long> measure(Path tiny, Path large, Path adapter, String quantization, boolean kept)
      throws IOException, InterruptedException {
    Path figures = temp.resolve("figures");
    Path log = temp.resolve("log");
    List<String> options =
        List.of(
            "-Xmx64m",
            "-Xms64m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-Dproxytune.threads=1",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    Process process =
        ChildJvm.of(
                LoadPeakProgram.class,
                options,
                tiny,
                large,
                figures,
                adapter,
                quantization,
                kept ? temp.resolve("kept") : "")
            .redirectOutput(log.toFile())
            .start();
    int status = ChildJvm.end(process);
    assumeTrue(status != LoadPeakProgram.CANNOT_MEASURE, "needs Linux's clear_refs");
    assertThat(status).as(Files.readString(log)).isZero();
    return Files.readAllLines(figures).stream().map(Long::valueOf).toList();
  }

  /** A bfloat16 checkpoint of zeros, written without holding it; gives the size of its weights. */
  private static long writeLarge(Path folder) throws IOException {
    new TinyLlama()
        .config(config -> config.put("hidden_size", HIDDEN).put("intermediate_size", INTERMEDIATE))
        .config(config -> config.put("num_hidden_layers", LAYERS).put("vocab_size", VOCABULARY))
        .config(config -> config.put("num_attention_heads", 8).put("num_key_value_heads", 4))
        .write(folder);
    Header header = new Header();
    header.add("model.embed_tokens.weight", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      header.addLayer("model.layers." + layer + ".");
    }
    header.add("model.norm.weight", HIDDEN);
    header.add("lm_head.weight", VOCABULARY, HIDDEN);
    return header.write(folder.resolve("model.safetensors"));
  }

  private static Path writeAdapter(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"r\": 8, \"lora_alpha\": 8, \"target_modules\": [\"q_proj\", \"down_proj\"]}");
    Header header = new Header();
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "base_model.model.model.layers." + layer + ".";
      header.add(prefix + "self_attn.q_proj.lora_A.weight", 8, HIDDEN);
      header.add(prefix + "self_attn.q_proj.lora_B.weight", HIDDEN, 8);
      header.add(prefix + "mlp.down_proj.lora_A.weight", 8, INTERMEDIATE);
      header.add(prefix + "mlp.down_proj.lora_B.weight", HIDDEN, 8);
    }
    header.write(folder.resolve("adapter_model.safetensors"));
    return folder;
  }

  private static final class Header {
    private final ObjectNode json = new ObjectMapper().createObjectNode();
    private long bytes;

    void add(String name, int... shape) {
      ObjectNode tensor = json.putObject(name).put("dtype", "BF16");
      var sizes = tensor.putArray("shape");
      long length = 2;
      for (int size : shape) {
        sizes.add(size);
        length *= size;
      }
      tensor.putArray("data_offsets").add(bytes).add(bytes + length);
      bytes += length;
    }

    void addLayer(String prefix) {
      add(prefix + "input_layernorm.weight", HIDDEN);
      add(prefix + "self_attn.q_proj.weight", HIDDEN, HIDDEN);
      add(prefix + "self_attn.k_proj.weight", HIDDEN / 2, HIDDEN);
      add(prefix + "self_attn.v_proj.weight", HIDDEN / 2, HIDDEN);
      add(prefix + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
      add(prefix + "post_attention_layernorm.weight", HIDDEN);
      add(prefix + "mlp.gate_proj.weight", INTERMEDIATE, HIDDEN);
      add(prefix + "mlp.up_proj.weight", INTERMEDIATE, HIDDEN);
      add(prefix + "mlp.down_proj.weight", HIDDEN, INTERMEDIATE);
    }

    long write(Path path) throws IOException {
      byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
      int padded = (text.length + 7) / 8 * 8;
      ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
      head.putLong(padded).put(text);
      while (head.hasRemaining()) {
        head.put((byte) ' ');
      }
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        file.setLength(0);
        file.write(head.array());
        file.setLength(head.capacity() + bytes);
      }
      return bytes;
    }
  }
}
