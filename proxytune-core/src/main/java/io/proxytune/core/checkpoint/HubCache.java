package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Recognises the folders of the Hugging Face Hub's cache, to name the one that is meant. */
final class HubCache {
  private static final String MODEL = "models--";
  private static final int SHOWN = 5;

  private HubCache() {}

  /** What to do where a checkpoint was looked for in a folder of the cache. */
  static Optional<String> advice(Path folder) {
    if (Files.isDirectory(folder.resolve("snapshots"))) {
      return Optional.of(ofModel(folder));
    }
    if (folder.toAbsolutePath().endsWith("snapshots")) {
      return Optional.of(lenientFormat("it holds revisions: give one of %s", folders(folder)));
    }
    List<Path> models = models(folder);
    return models.isEmpty()
        ? Optional.empty()
        : Optional.of(
            lenientFormat(
                "it is a cache of several models: give the folder of one's revision, such as %s",
                snapshot(models.get(0)).orElse(models.get(0).resolve("snapshots/REVISION"))));
  }

  private static String ofModel(Path folder) {
    return snapshot(folder)
        .map(
            revision ->
                lenientFormat(
                    "it is a model's folder in the Hub's cache: give that of a revision, %s",
                    revision))
        .orElse(
            "it is a model's folder in the Hub's cache, without a revision: download the model"
                + " again");
  }

  /** The revision that main is, or else one of those that are there. */
  private static Optional<Path> snapshot(Path model) {
    Path snapshots = model.resolve("snapshots");
    return main(model)
        .map(snapshots::resolve)
        .filter(Files::isDirectory)
        .or(() -> folders(snapshots).stream().findFirst());
  }

  private static Optional<String> main(Path model) {
    Path main = model.resolve("refs").resolve("main");
    if (!Files.isRegularFile(main)) {
      return Optional.empty();
    }
    try {
      String revision = TextFile.read(main, 1000).strip();
      return revision.matches("[0-9a-zA-Z]+") ? Optional.of(revision) : Optional.empty();
    } catch (CheckpointException | InvalidPathException e) {
      return Optional.empty(); // it only helps to advise
    }
  }

  private static List<Path> models(Path folder) {
    return folders(folder, path -> path.getFileName().toString().startsWith(MODEL));
  }

  private static List<Path> folders(Path folder) {
    return folders(folder, path -> true);
  }

  private static List<Path> folders(Path folder, Predicate<Path> wanted) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).filter(wanted).sorted().limit(SHOWN).toList();
    } catch (IOException e) {
      throw InputFile.unreadable(folder, e);
    }
  }
}
