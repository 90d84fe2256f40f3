package io.proxytune.core.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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

  /** What training itself writes besides the tokenizer's files. */
  private static final List<String> WRITTEN =
      List.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "adapter_config.json",
          "adapter_model.safetensors");

  private final Path folder;
  private final boolean overwrite;

  OutputFolder(Path folder, boolean overwrite) {
    if (folder.toString().isEmpty()) {
      throw new CheckpointException("the path of the output folder is empty; give a folder");
    }
    this.folder = folder.toAbsolutePath().normalize();
    this.overwrite = overwrite;
    if (this.folder.getFileName() == null) {
      throw new CheckpointException(
          "the output folder is the root " + this.folder + "; give the path of a folder in it");
    }
  }

  /** Whether a file that is put together for the output can have this name. */
  static boolean writes(String name) {
    String whole = name.endsWith(".tmp") ? name.substring(0, name.length() - 4) : name;
    return COMPANIONS.contains(whole) || WRITTEN.contains(whole);
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
    if (Files.isSymbolicLink(folder) && !Files.exists(folder)) {
      throw new CheckpointException(
          "the output folder " + folder + " is a link that leads nowhere; make or name a folder");
    }
    if (!overwrite && Files.exists(folder) && !list(folder).isEmpty()) {
      throw new CheckpointException(
          "the output folder "
              + folder
              + " is not empty; give another one, or say that it may be overwritten"
              + " (TrainingOptions.withOverwrite)");
    }
  }

  /** Refuses to write over the checkpoint that is learnt from. */
  void checkIsNot(Path checkpoint) {
    try {
      if (Files.exists(folder) && Files.isSameFile(folder, checkpoint)) {
        throw new CheckpointException(
            "the output folder "
                + folder
                + " is the checkpoint that is tuned, which stays as it is; give another one");
      }
    } catch (IOException e) {
      throw new CheckpointException("cannot read folder " + checkpoint + ": " + e, e);
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
      DurableFiles.write(file, out -> out.write(text.getBytes(UTF_8)));
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Flushes what was put together, so that a crash after this finds it whole. */
  static void flush(Path stage) {
    try {
      for (Path file : list(stage)) {
        DurableFiles.flush(file);
      }
      DurableFiles.flushFolder(stage);
    } catch (IOException e) {
      throw unwritable(stage, e);
    }
  }

  /**
   * Moves what was put together into place; nothing where an earlier call moved it. Other files of
   * the folder, such as a model card, stay.
   */
  void publish(Path stage) {
    try {
      if (Files.isDirectory(stage, LinkOption.NOFOLLOW_LINKS)) {
        move(stage);
      }
      DurableFiles.flushFolder(folder);
      DurableFiles.flushFolder(folder.getParent());
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private void move(Path stage) throws IOException {
    if (!Files.exists(folder)) {
      Files.move(stage, folder);
      return;
    }
    for (Path file : list(stage)) {
      Files.move(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new CheckpointException("cannot read folder " + folder + ": " + e, e);
    }
  }

  static CheckpointException unwritable(Path path, IOException e) {
    return new CheckpointException(
        "cannot write " + path + ": " + e + "; check the folder's permissions and the disk", e);
  }
}
