package io.proxytune.core.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.CheckpointException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder that training writes: everything is put together in the state folder beside it and
 * moved into place at the end.
 */
final class OutputFolder {
  /** What belongs to a checkpoint besides its weights and its config. */
  private static final List<String> COMPANIONS =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "tokenizer.model",
          "chat_template.jinja",
          "LICENSE",
          "LICENSE.txt",
          "LICENSE.md",
          "NOTICE");

  private final Path folder;
  private final boolean overwrite;

  OutputFolder(Path folder, boolean overwrite) {
    this.folder = folder.toAbsolutePath().normalize();
    this.overwrite = overwrite;
  }

  Path folder() {
    return folder;
  }

  /** Where the state is kept until training is complete. */
  Path stateFolder() {
    return folder.resolveSibling(folder.getFileName() + ".training");
  }

  /** Refuses a folder that holds something, unless told to replace it. */
  void check() {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new CheckpointException(
          "the output folder " + folder + " is a file; give the path of a folder");
    }
    if (!overwrite && Files.exists(folder) && !list(folder).isEmpty()) {
      throw new CheckpointException(
          "the output folder "
              + folder
              + " is not empty; give another one, or say that it may be overwritten"
              + " (TrainingOptions.withOverwrite)");
    }
  }

  /** A new, empty folder to put the output together in. */
  Path stage() {
    Path stage = stateFolder().resolve("output");
    try {
      deleteTree(stage);
      return Files.createDirectories(stage);
    } catch (IOException e) {
      throw unwritable(stage, e);
    }
  }

  /** How a file in an output folder names a checkpoint: relatively if it stands beside or below. */
  static Path nameFor(Path checkpoint, Path output) {
    Path from = output.toAbsolutePath().normalize();
    Path to = checkpoint.toAbsolutePath().normalize();
    Path parent = from.getParent();
    return parent != null && to.startsWith(parent) ? from.relativize(to) : checkpoint;
  }

  /** Copies the tokenizer and the like, as far as there is any. */
  static void copyCompanions(Path source, Path stage) {
    COMPANIONS.forEach(name -> copy(source, name, stage));
  }

  static void copy(Path source, String name, Path stage) {
    if (Files.isRegularFile(source.resolve(name))) {
      copy(source.resolve(name), stage.resolve(name));
    }
  }

  static void copy(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot copy " + from + " to " + to + ": " + e + "; check permissions and the disk", e);
    }
  }

  static void write(Path file, String text) {
    try {
      Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
      // A stream and not a channel: a channel is closed when its thread is interrupted.
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        out.write(text.getBytes(UTF_8));
      }
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Moves what was put together into place and forgets the state. */
  void publish(Path stage) {
    try {
      if (Files.exists(folder)) {
        // Other files of the folder, such as a model card, stay.
        for (Path file : list(stage)) {
          Files.move(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      } else {
        Files.move(stage, folder);
      }
      deleteTree(stateFolder());
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new CheckpointException("cannot read folder " + folder + ": " + e, e);
    }
  }

  /** Deletes a folder of files and of such folders. */
  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    for (Path file : list(folder)) {
      if (Files.isDirectory(file)) {
        deleteTree(file);
      } else {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  static CheckpointException unwritable(Path path, IOException e) {
    return new CheckpointException(
        "cannot write " + path + ": " + e + "; check the folder's permissions and the disk", e);
  }
}
