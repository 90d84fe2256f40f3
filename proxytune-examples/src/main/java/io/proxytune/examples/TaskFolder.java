package io.proxytune.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.proxytune.core.files.DurableFiles;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.tasks.TaskItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files of a run: what is asked, the texts of each system, and the report. Without a folder of
 * the user's they are temporary. For one thread.
 */
final class TaskFolder implements AutoCloseable {
  private final Path folder;
  private final boolean kept;
  private final String task;

  private TaskFolder(Path folder, boolean kept, String task) {
    this.folder = folder;
    this.kept = kept;
    this.task = task;
  }

  static TaskFolder open(Optional<Path> folder, String task) {
    try {
      return folder.isPresent()
          ? new TaskFolder(Files.createDirectories(folder.get()), true, task)
          : new TaskFolder(Files.createTempDirectory("proxytune-task"), false, task);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "--output " + folder.map(Path::toString).orElse("") + " can't be made: " + e.getMessage(),
          e);
    }
  }

  /** The texts of a system. */
  Path texts(String system) {
    return folder.resolve(task + "-" + system + ".jsonl");
  }

  private Path requests() {
    return folder.resolve(task + "-requests.jsonl");
  }

  /**
   * Refuses to go on with texts that were generated otherwise, or remembers how they are.
   *
   * @param settings what every text of the system depends on
   */
  void begin(String system, ObjectNode settings) {
    Path file = folder.resolve(task + "-" + system + "-settings.json");
    if (Files.exists(file)) {
      Usage.check(
          JsonOutput.compact(JsonFile.readConfig(file)).equals(JsonOutput.compact(settings)),
          "--output %s holds texts of other models, items or options (see %s): name another folder",
          folder,
          file.getFileName());
    } else {
      write(file, JsonOutput.pretty(settings));
    }
  }

  /**
   * Writes a line for each text: which item's it is, and which of its samples.
   *
   * @return the file
   */
  Path requests(List<TaskItem> items, int samples) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      for (int j = 0; j < samples; j++) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("id", items.get(i).id() + (samples == 1 ? "" : "#" + j)).put("item", i);
        lines.append(JsonOutput.compact(line)).append('\n');
      }
    }
    write(requests(), lines.toString());
    return requests();
  }

  /** Keeps the report for programs. */
  void report(ObjectNode json) {
    if (kept) {
      write(folder.resolve(task + ".json"), JsonOutput.pretty(json));
    }
  }

  private static void write(Path file, String text) {
    try {
      DurableFiles.write(file, out -> out.write((text + "\n").getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "--output " + file + " can't be written: " + e.getMessage(), e);
    }
  }

  /** What tells items from others. */
  static String fingerprint(List<TaskItem> items) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (TaskItem item : items) {
      hasher
          .putString(item.id(), UTF_8)
          .putInt(0)
          .putString(item.ask().toString(), UTF_8)
          .putInt(0);
    }
    return hasher.hash().toString();
  }

  @Override
  public void close() {
    if (!kept) {
      try {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      } catch (IOException e) {
        throw new UncheckedIOException(folder + " can't be removed: " + e.getMessage(), e);
      }
    }
  }
}
