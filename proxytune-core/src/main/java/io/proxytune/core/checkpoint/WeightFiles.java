package io.proxytune.core.checkpoint;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.FileWatch;
import io.proxytune.core.files.InputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds a folder's safetensors files and reads their headers. */
final class WeightFiles {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private static final Logger logger = LoggerFactory.getLogger(WeightFiles.class);

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

  /**
   * The index only names the shards, as in transformers: it may list tied heads and buffers that
   * were never saved, and of tensors in several shards the last one's counts, whatever it says.
   */
  private static Map<String, StoredTensor> readShards(ShardIndex index, FileWatch files) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    List<String> twice = new ArrayList<>();
    for (Path shard : index.shards()) {
      for (StoredTensor tensor : SafetensorsFile.read(files.watch(shard)).values()) {
        if (tensors.put(tensor.name(), tensor) != null) {
          twice.add(tensor.name());
        }
      }
    }
    if (!twice.isEmpty()) {
      logger.warn(
          "{}: {} tensors are in several shards, such as {}: the last shard's are used, as in"
              + " transformers",
          index.file(),
          twice.size(),
          twice.get(0));
    }
    return Collections.unmodifiableMap(tensors);
  }
}
