package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.JsonText;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The file {@code model.safetensors.index.json}: which shard holds which tensor. */
final class ShardIndex {
  private static final String KEY = "weight_map";

  /** Some ten times what the largest models have. */
  private static final int MAX_BYTES = 100_000_000;

  private final Path file;
  private final Map<String, Path> shardOfTensor;

  private ShardIndex(Path file, Map<String, Path> shardOfTensor) {
    this.file = file;
    this.shardOfTensor = shardOfTensor;
  }

  static ShardIndex read(Path file) {
    JsonNode map = JsonFile.readObject(file, MAX_BYTES).path(KEY);
    if (!map.isObject() || map.isEmpty()) {
      throw new CheckpointException(
          lenientFormat(
              "%s: %s must be an object of tensor and file names, got %s; download it again",
              file, KEY, JsonText.show(map)));
    }
    Map<String, Path> shards = new LinkedHashMap<>();
    map.properties().forEach(e -> shards.put(e.getKey(), shard(file, e.getKey(), e.getValue())));
    ShardIndex index = new ShardIndex(file, shards);
    index.checkShardsExist();
    return index;
  }

  Path file() {
    return file;
  }

  List<Path> shards() {
    return shardOfTensor.values().stream().distinct().sorted().toList();
  }

  private void checkShardsExist() {
    List<Path> missing = shards().stream().filter(shard -> !Files.exists(shard)).toList();
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          lenientFormat(
              "%s names %s shards, but %s of them are missing, first %s; download them",
              file, shards().size(), missing.size(), missing.get(0)));
    }
  }

  private static Path shard(Path index, String tensor, JsonNode name) {
    if (name.isTextual() && staysInside(name.textValue())) {
      return index.resolveSibling(name.textValue());
    }
    throw new CheckpointException(
        lenientFormat(
            "%s: the shard of tensor \"%s\" must be a file name inside the checkpoint folder, got"
                + " %s; don't use this checkpoint unless you trust where it comes from",
            index, tensor, JsonText.show(name)));
  }

  // An index is untrusted input: it must not lead to files outside the checkpoint.
  private static boolean staysInside(String name) {
    try {
      Path path = Path.of(name);
      return !name.isEmpty()
          && path.getRoot() == null
          && !path.startsWith("..")
          && path.equals(path.normalize());
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
