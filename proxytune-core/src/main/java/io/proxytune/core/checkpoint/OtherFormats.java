package io.proxytune.core.checkpoint;

import io.proxytune.core.files.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Recognises weights in formats that are not read, to say how to convert them. */
enum OtherFormats {
  LORA(
      "adapter_(config\\.json|model\\.(safetensors|bin))",
      "it holds a LoRA adapter, not a model: load its model with LoadOptions.withAdapter, or from"
          + " the command line with --expert-adapter"),
  PYTORCH(
      "pytorch_model.*\\.bin(\\.index\\.json)?|consolidated.*\\.pth",
      "it holds PyTorch files: convert them with transformers:"
          + " AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)"),
  GGUF(
      ".*\\.gguf",
      "it holds GGUF files, which are not read: download the checkpoint's safetensors files"),
  SHARDS(
      "model.*-of-.*\\.safetensors",
      "it holds shards without model.safetensors.index.json: download the index beside them");

  private final String files;
  private final String advice;

  OtherFormats(String files, String advice) {
    this.files = files;
    this.advice = advice;
  }

  static Optional<String> advice(Path folder) {
    return Arrays.stream(values())
        .filter(format -> format.isIn(folder))
        .map(format -> format.advice)
        .findFirst();
  }

  private boolean isIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.anyMatch(entry -> entry.getFileName().toString().matches(files));
    } catch (IOException e) {
      throw InputFile.unreadable(folder, e);
    }
  }
}
