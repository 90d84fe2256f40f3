package io.proxytune.bench;

import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.checkpoint.SafetensorsOutput.Entry;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes a float32 checkpoint whose weights are so large that every part of it matters. */
final class TinyCheckpoint {
  private TinyCheckpoint() {}

  static Path write(Path folder, ModelShape shape, long seed) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"), shape.configJson().replace("bfloat16", "float32"));
    Random random = new Random(seed);
    List<Entry> entries = new ArrayList<>();
    shape.tensors().forEach((name, size) -> entries.add(entry(name, size)));
    SafetensorsOutput.write(
        folder.resolve("model.safetensors"),
        entries,
        Map.of(),
        (index, sink) -> sink.write(values(entries.get(index), random)));
    return folder;
  }

  /** An adapter of some modules of every layer, as PEFT writes it. */
  static Path writeAdapter(Path folder, ModelShape shape, int rank, String... kinds)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": %d, \"lora_alpha\": 8, \"target_modules\": [\"%s\"]}"
            .formatted(rank, String.join("\", \"", kinds)));
    List<Entry> entries = new ArrayList<>();
    shape.tensors().forEach((name, size) -> addPair(entries, name, size, rank, List.of(kinds)));
    Random random = new Random(rank);
    SafetensorsOutput.write(
        folder.resolve("adapter_model.safetensors"),
        entries,
        Map.of(),
        (index, sink) -> sink.write(values(entries.get(index), random)));
    return folder;
  }

  private static void addPair(
      List<Entry> entries, String name, long[] size, int rank, List<String> kinds) {
    String module = name.replaceAll("\\.weight$", "");
    if (kinds.contains(module.substring(module.lastIndexOf('.') + 1))) {
      String prefix = "base_model.model." + module;
      entries.add(entry(prefix + ".lora_A.weight", new long[] {rank, size[1]}));
      entries.add(entry(prefix + ".lora_B.weight", new long[] {size[0], rank}));
    }
  }

  private static Entry entry(String name, long[] size) {
    return new Entry(name, StoredType.F32, java.util.Arrays.stream(size).boxed().toList());
  }

  private static ByteBuffer values(Entry entry, Random random) {
    ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      bytes.putFloat((float) (0.4 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}
