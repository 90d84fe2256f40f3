package io.proxytune.core.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.files.Ticks;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** The files of a checkpoint and of an adapter, damaged or hostile. */
@Tag("fuzz")
class CheckpointFilesFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The header of a safetensors file with its length before it; now and then that is wrong. */
  @FuzzTest
  void safetensorsHeader(FuzzedDataProvider data) throws IOException {
    Path file = Whole.file("header/model.safetensors");
    boolean wrongLength = data.consumeInt(0, 9) == 9;
    long length = data.consumeLong();
    int cut = data.consumeInt(0, 64);
    byte[] header = JsonMutator.text(data, Whole.HEADER).getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + Whole.BODY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(wrongLength ? length : header.length).put(header);
    Files.write(file, Arrays.copyOf(bytes.array(), bytes.capacity() - cut));
    FuzzTally.judge("model.safetensors", () -> SafetensorsFile.read(file));
  }

  @FuzzTest
  void shardIndex(FuzzedDataProvider data) throws IOException {
    Path index = Whole.file("sharded/model.safetensors.index.json");
    Files.writeString(index, JsonMutator.text(data, Whole.INDEX));
    FuzzTally.judge("sharded", () -> DecoderCheckpoint.open(index.getParent()));
  }

  /** What opens is loaded too, for some inputs, and gives a row of logits. */
  @FuzzTest
  void config(FuzzedDataProvider data) throws IOException {
    Path config = Whole.file("whole/config.json");
    boolean load = data.consumeInt(0, 15) == 15;
    Files.writeString(config, JsonMutator.text(data, Whole.CONFIG));
    FuzzTally.judge("whole", () -> open(config.getParent(), load));
  }

  private static void open(Path folder, boolean load) {
    DecoderCheckpoint.open(folder);
    if (load) {
      try (LogitModel model = TorchModels.load(folder)) {
        int[] ids = Arrays.copyOf(new int[] {1, 0}, Math.min(2, model.contextLength()));
        try (LogitSession session = model.newSession(ids.length);
            Logits logits = model.forward(List.of(new Segment(session, ids, Segment.Rows.LAST)))) {
          logits.row(0);
        }
      }
    }
  }

  @FuzzTest
  void generationConfig(FuzzedDataProvider data) throws IOException {
    Path folder = Whole.file("generation/config.json").getParent();
    Files.writeString(
        folder.resolve("generation_config.json"), JsonMutator.text(data, Whole.GENERATION));
    FuzzTally.judge("generation", () -> TorchModels.inspect(folder));
  }

  @FuzzTest
  void adapterConfig(FuzzedDataProvider data) throws IOException {
    Path config = Whole.file("adapter/adapter_config.json");
    Files.writeString(config, JsonMutator.text(data, Whole.ADAPTER));
    FuzzTally.judge(
        "adapter", () -> LoraAdapter.bind(AdapterFolder.open(config.getParent()), Whole.MODEL));
  }

  /** The valid files that damage begins with. */
  private static final class Whole {
    private static final String GENERATION_TEXT =
        """
        {"bos_token_id": 1, "eos_token_id": [2, 3], "pad_token_id": 0, "do_sample": true,
         "temperature": 0.6, "top_p": 0.9, "top_k": 20, "min_p": 0.05, "repetition_penalty": 1.1,
         "max_new_tokens": 20, "min_new_tokens": 2, "max_length": 40, "stop_strings": ["a"],
         "suppress_tokens": [4], "begin_suppress_tokens": [5], "bad_words_ids": [[6, 7], [8]],
         "forced_eos_token_id": 2, "no_repeat_ngram_size": 3, "transformers_version": "4.57.0"}
        """;

    private static final String ADAPTER_TEXT =
        """
        {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "../model",
         "r": 2, "lora_alpha": 6, "lora_dropout": 0.0, "target_modules": ["q_proj"],
         "layers_to_transform": null, "layers_pattern": null, "rank_pattern": {"q_proj": 2},
         "alpha_pattern": {"^model\\\\.layers\\\\.1.*": 4}, "bias": "none", "use_rslora": false,
         "use_dora": false, "fan_in_fan_out": false, "modules_to_save": null,
         "exclude_modules": ".*v_proj"}
        """;

    static final Path ROOT = FuzzFolder.create("checkpoints");
    static final JsonNode CONFIG;
    static final JsonNode INDEX;
    static final JsonNode HEADER;
    static final JsonNode GENERATION;
    static final JsonNode ADAPTER;
    static final int BODY_BYTES;
    static final DecoderCheckpoint MODEL;

    static {
      Ticks.none();
      try {
        for (String name :
            List.of("header", "sharded", "whole", "generation", "adapter", "model")) {
          Files.createDirectory(ROOT.resolve(name));
        }
        new TinyLlama().write(ROOT.resolve("whole"));
        new TinyLlama().write(ROOT.resolve("generation"));
        new TinyLlama().writeSharded(ROOT.resolve("sharded"), 2);
        MODEL = DecoderCheckpoint.open(new TinyLlama().write(ROOT.resolve("model")));
        CONFIG = JSON.readTree(ROOT.resolve("whole/config.json").toFile());
        INDEX = JSON.readTree(ROOT.resolve("sharded/model.safetensors.index.json").toFile());
        byte[] weights = Files.readAllBytes(ROOT.resolve("whole/model.safetensors"));
        int header =
            Math.toIntExact(ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).getLong());
        HEADER = JSON.readTree(weights, 8, header);
        BODY_BYTES = weights.length - 8 - header;
        GENERATION = JSON.readTree(GENERATION_TEXT);
        ADAPTER = JSON.readTree(ADAPTER_TEXT);
        writeAdapter(ROOT.resolve("adapter/adapter_model.safetensors"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void writeAdapter(Path file) {
      List<SafetensorsOutput.Entry> entries = new ArrayList<>();
      for (int layer = 0; layer < 2; layer++) {
        String module = "base_model.model.model.layers." + layer + ".self_attn.q_proj.";
        entries.add(entry(module + "lora_A.weight", 2, 8));
        entries.add(entry(module + "lora_B.weight", 8, 2));
      }
      SafetensorsOutput.write(
          file,
          entries,
          Map.of("format", "pt"),
          (index, sink) -> sink.write(ByteBuffer.allocate((int) entries.get(index).bytes())));
    }

    private static SafetensorsOutput.Entry entry(String name, long rows, long columns) {
      return new SafetensorsOutput.Entry(name, StoredType.F32, List.of(rows, columns));
    }

    static Path file(String name) {
      return ROOT.resolve(name);
    }
  }
}
