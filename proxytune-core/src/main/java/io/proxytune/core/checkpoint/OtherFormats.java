package io.proxytune.core.checkpoint;

import io.proxytune.core.files.InputFile;
import io.proxytune.core.hub.CacheAdvice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Recognises weights in formats that are not read, to say how to convert them. */
enum OtherFormats {
  LORA(
      "adapter_(config\\.json|model\\.(safetensors|bin))|adapters\\.safetensors",
      "it holds a LoRA adapter, not a model: load its model with LoadOptions.withAdapter, or from"
          + " the command line with --expert-adapter"),
  QUANTIZED(
      "quantize_config\\.json|quant_config\\.json|gptq_model.*|.*-(GPTQ|AWQ)\\.safetensors",
      "it holds weights that are quantized already (GPTQ or AWQ), which are not read: load the"
          + " checkpoint that it was made from, and round that at load with"
          + " LoadOptions.withQuantization or --quantize"),
  ORIGINAL(
      "consolidated.*\\.(safetensors|pth)|params\\.json",
      "it holds a model in the form of its makers (consolidated files of Meta or Mistral AI), which"
          + " is not read: download the Hugging Face form of it (config.json and"
          + " model.safetensors), or convert it with transformers'"
          + " convert_llama_weights_to_hf.py"),
  PYTORCH(
      "pytorch_model.*\\.bin(\\.index\\.json)?|.*\\.pth?",
      "it holds PyTorch files: convert them with transformers:"
          + " AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)"),
  GGUF(
      ".*\\.gguf",
      "it holds GGUF files, which are not read: download the checkpoint's safetensors files"),
  OTHER_FRAMEWORKS(
      "(tf_model.*\\.h5|flax_model.*\\.msgpack|.*\\.onnx|weights.*\\.npz)",
      "it holds the model for another framework (TensorFlow, Flax, ONNX or MLX), which is not read:"
          + " download the checkpoint's safetensors files"),
  SHARDS(
      "model.*-of-.*\\.safetensors",
      "it holds shards without model.safetensors.index.json: download the index beside them"),
  RENAMED(
      ".*\\.safetensors",
      "it holds safetensors files of other names: rename the weights to model.safetensors, or"
          + " download the index that names them");

  private final String files;
  private final String advice;

  OtherFormats(String files, String advice) {
    this.files = files;
    this.advice = advice;
  }

  static Optional<String> advice(Path folder) {
    return CacheAdvice.advice(folder)
        .or(
            () ->
                Arrays.stream(values())
                    .filter(format -> format.isIn(folder))
                    .map(format -> format.advice)
                    .findFirst());
  }

  private boolean isIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.anyMatch(entry -> entry.getFileName().toString().matches(files));
    } catch (IOException e) {
      throw InputFile.unreadable(folder, e);
    }
  }
}
