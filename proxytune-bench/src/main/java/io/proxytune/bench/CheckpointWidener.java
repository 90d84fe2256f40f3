package io.proxytune.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes trained checkpoints and LoRA adapters at a larger shape: they compute what they computed,
 * at a real model's cost. So a benchmark of speculation has the acceptance of trained models at the
 * speed of large ones. See {@link Widening}.
 */
final class CheckpointWidener {
  /** Changes with what is written, so that files of an older version are written anew. */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WEIGHT = ".weight";
  private static final List<String> COPIED =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "chat_template.jinja",
          "generation_config.json");

  private CheckpointWidener() {}

  /**
   * Writes a checkpoint at a larger shape. Matrices keep their dtype; norms become float32.
   *
   * @param source a Llama checkpoint without biases and with a head of its own, F32 or BF16
   * @param shape the shape to reach, nowhere smaller, with heads of the same width
   * @param target the folder to write, there or not
   */
  static void widen(Path source, ModelShape shape, Path target) throws IOException {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(source);
    Widening widening = new Widening(checkpoint.spec(), shape);
    Files.createDirectories(target);
    copy(source, target);
    writeConfig(source, widening, target);
    Map<String, StoredTensor> before = checkpoint.folder().tensors();
    List<WideTensor> tensors = new ArrayList<>();
    shape
        .tensors()
        .forEach(
            (name, size) ->
                tensors.add(
                    size.length == 1
                        ? norm(name, widening, before)
                        : matrix(name, widening, before, checkpoint.storedDType())));
    WideTensor.write(target.resolve("model.safetensors"), tensors);
  }

  private static WideTensor norm(String name, Widening widening, Map<String, StoredTensor> before) {
    int size = widening.shape().hidden();
    return new WideNorm(name, size, widening.normScale(), Optional.ofNullable(before.get(name)));
  }

  private static WideTensor matrix(
      String name, Widening widening, Map<String, StoredTensor> before, StoredType type) {
    String module = name.substring(0, name.length() - WEIGHT.length());
    return new WideMatrix(
        name, type, widening.matrix(module), 0, Optional.ofNullable(before.get(name)));
  }

  private static void writeConfig(Path source, Widening widening, Path target) throws IOException {
    ModelShape shape = widening.shape();
    ObjectNode config = (ObjectNode) JSON.readTree(source.resolve("config.json").toFile());
    config.put("hidden_size", shape.hidden());
    config.put("num_hidden_layers", shape.layers());
    config.put("num_attention_heads", shape.heads());
    config.put("num_key_value_heads", shape.kvHeads());
    config.put("head_dim", shape.headDim());
    config.put("intermediate_size", shape.intermediate());
    config.put("vocab_size", shape.vocabulary());
    config.put("rms_norm_eps", widening.normEpsilon());
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(target.resolve("config.json").toFile(), config);
  }

  /**
   * Writes an adapter of a checkpoint for the checkpoint that {@link #widen} made of it.
   *
   * @param adapter a PEFT folder with a LoRA adapter of layers' linear modules
   * @param source the checkpoint that it was trained on
   * @param shape the shape that the checkpoint was widened to
   * @param target the folder to write, there or not
   */
  static void widenAdapter(Path adapter, Path source, ModelShape shape, Path target)
      throws IOException {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(source);
    Widening widening = new Widening(checkpoint.spec(), shape);
    Files.createDirectories(target);
    copy(adapter, target);
    ObjectNode config = (ObjectNode) JSON.readTree(adapter.resolve("adapter_config.json").toFile());
    config.remove("base_model_name_or_path"); // the host is given when it is loaded
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(target.resolve("adapter_config.json").toFile(), config);
    WideTensor.write(
        target.resolve("adapter_model.safetensors"),
        WideAdapter.tensors(adapter, checkpoint.spec().layers().size(), widening));
  }

  private static void copy(Path source, Path target) throws IOException {
    for (String name : COPIED) {
      if (Files.exists(source.resolve(name))) {
        Files.write(target.resolve(name), Files.readAllBytes(source.resolve(name)));
      }
    }
  }
}
