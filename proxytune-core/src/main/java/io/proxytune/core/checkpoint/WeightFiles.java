package io.proxytune.core.checkpoint;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.FileWatch;
import io.proxytune.core.files.InputFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Finds a folder's safetensors files and reads their headers. */
final class WeightFiles {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private WeightFiles() {}

  /** Whether a folder holds a model's weights. */
  static boolean areIn(Path folder) {
    return InputFile.isListed(folder.resolve(SINGLE)) || InputFile.isListed(folder.resolve(INDEX));
  }

  // The single file comes first where both exist, as in transformers.
  static Map<String, StoredTensor> read(Path folder, FileWatch files) {
    if (InputFile.isListed(folder.resolve(SINGLE))) {
      return SafetensorsFile.read(files.watch(folder.resolve(SINGLE)));
    }
    if (InputFile.isListed(folder.resolve(INDEX))) {
      return readShards(ShardIndex.read(files.watch(folder.resolve(INDEX))), files);
    }
    throw new CheckpointException(
        "checkpoint folder "
            + folder
            + " has neither model.safetensors nor model.safetensors.index.json; "
            + OtherFormats.advice(folder).orElse("download one of them with its weights"));
  }

  private static Map<String, StoredTensor> readShards(ShardIndex index, FileWatch files) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Path shard : index.shards()) {
      SafetensorsFile.read(files.watch(shard)).values().forEach(tensor -> add(tensors, tensor));
    }
    index.checkAgainst(tensors);
    return Collections.unmodifiableMap(tensors);
  }

  private static void add(Map<String, StoredTensor> tensors, StoredTensor tensor) {
    StoredTensor other = tensors.put(tensor.name(), tensor);
    if (other != null) {
      throw new CheckpointException(
          "tensor \""
              + tensor.name()
              + "\" must be in one shard, but both "
              + other.file()
              + " and "
              + tensor.file()
              + " hold it; remove the files that belong to another checkpoint and download these"
              + " again");
    }
  }
}
