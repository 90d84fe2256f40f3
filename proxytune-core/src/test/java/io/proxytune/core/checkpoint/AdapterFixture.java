package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An adapter folder that is right, for tests to change before it is read. */
abstract class AdapterFixture {
  static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  final ObjectNode config = JSON.createObjectNode();
  final Map<String, long[]> tensors = new LinkedHashMap<>();
  DecoderCheckpoint model;

  /** Rank 2 and α 6 on query and down projections of {@link TinyLlama}. */
  @BeforeEach
  void valid() throws IOException {
    model = DecoderCheckpoint.open(new TinyLlama().write(Files.createDirectory(temp.resolve("m"))));
    config.put("peft_type", "LORA").put("r", 2).put("lora_alpha", 6).put("bias", "none");
    config.putArray("target_modules").add("q_proj").add("down_proj");
    for (int layer = 0; layer < 2; layer++) {
      pair(query(layer), 2, 8, 8);
      pair("model.layers." + layer + ".mlp.down_proj", 2, 12, 8);
    }
  }

  static String query(int layer) {
    return "model.layers." + layer + ".self_attn.q_proj";
  }

  final void pair(String module, int rank, int in, int out) {
    tensors.put("base_model.model." + module + ".lora_A.weight", new long[] {rank, in});
    tensors.put("base_model.model." + module + ".lora_B.weight", new long[] {out, rank});
  }

  final Path write() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("adapter"));
    Files.writeString(folder.resolve("adapter_config.json"), config.toPrettyString());
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach(
        (name, shape) ->
            writer.add(
                name,
                StoredType.F32,
                new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)],
                shape));
    writer.write(folder.resolve("adapter_model.safetensors"));
    return folder;
  }

  final LoraAdapter bind() throws IOException {
    return LoraAdapter.bind(AdapterFolder.open(write()), model);
  }

  final void assertRefused(String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(this::bind)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).contains("adapter"));
  }

  final StoredTensor weight(int layer) {
    return model.tensor(query(layer) + ".weight");
  }
}
