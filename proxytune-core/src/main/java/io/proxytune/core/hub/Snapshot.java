package io.proxytune.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A revision of a model in the cache. Its files are links to the cache's blobs, or files where the
 * system has no links.
 *
 * @param folder {@code snapshots/COMMIT}
 */
record Snapshot(Path folder) {
  private static final int SHORT = 8;

  private static final String CONFIG = "config.json";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String ADAPTER_CONFIG = "adapter_config.json";
  private static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";

  private static final Pattern SHARD = Pattern.compile("model-\\d+-of-\\d+\\.safetensors");

  /** What a training leaves beside a model are no weights. */
  private static final Pattern WEIGHTS_OF_ANY_KIND =
      Pattern.compile(
          "(?!training_args|optimizer|scheduler|rng_state)"
              + ".*\\.(safetensors|bin|pth?|gguf|h5|msgpack|onnx|npz)");

  private static final Pattern NEEDED = Pattern.compile(".*\\.(json|jinja|safetensors)");
  private static final Pattern PLAIN_NAME = Pattern.compile("\\w[\\w.-]*");

  /** Some ten times what the largest models have. */
  private static final int MAX_INDEX_BYTES = 100_000_000;

  /** The commit's hash. */
  String commit() {
    return folder.getFileName().toString();
  }

  /** As much of it as tells commits apart, for messages. */
  String shortCommit() {
    return commit().substring(0, Math.min(SHORT, commit().length()));
  }

  /**
   * What a download that was cut short left out: files that were not begun, and links to blobs that
   * are not there. Weights in a format that is not read are no gap; whoever opens the folder says
   * what to do about them.
   *
   * @return the names of files, or what they are; empty where nothing is missing
   */
  List<String> missing() {
    List<String> dangling = dangling();
    if (!dangling.isEmpty()) {
      return dangling;
    }
    if (!has(CONFIG) && !has(ADAPTER_CONFIG)) {
      return List.of(CONFIG);
    }
    if (has(WEIGHTS)) {
      return List.of();
    }
    if (has(INDEX)) {
      return missingShards();
    }
    if (holds(SHARD)) {
      return List.of(INDEX);
    }
    return holds(WEIGHTS_OF_ANY_KIND)
        ? List.of()
        : List.of(has(ADAPTER_CONFIG) ? ADAPTER_WEIGHTS : WEIGHTS);
  }

  private boolean has(String file) {
    return Files.exists(folder.resolve(file));
  }

  private List<String> dangling() {
    return names().stream().filter(name -> NEEDED.matcher(name).matches() && !has(name)).toList();
  }

  private boolean holds(Pattern name) {
    return names().stream().anyMatch(name.asMatchPredicate());
  }

  /** A damaged index is for whoever opens the folder to refuse. */
  private List<String> missingShards() {
    try {
      JsonNode map = JsonFile.readObject(folder.resolve(INDEX), MAX_INDEX_BYTES).path("weight_map");
      return map.valueStream()
          .map(JsonNode::asText)
          .distinct()
          .filter(PLAIN_NAME.asMatchPredicate()) // others are for whoever opens it to refuse
          .filter(name -> !has(name))
          .sorted()
          .toList();
    } catch (CheckpointException e) {
      return List.of();
    }
  }

  private List<String> names() {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(folder, e);
    }
  }

  FileTime time() {
    try {
      return Files.getLastModifiedTime(folder);
    } catch (IOException e) {
      throw InputFile.unreadable(folder, e);
    }
  }
}
