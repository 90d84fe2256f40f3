package io.proxytune.core.hub;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonText;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds models by what a user calls them: a folder, or a name on the Hub. */
public final class ModelFolders {
  private ModelFolders() {}

  /**
   * Finds a model's folder.
   *
   * @param model a path, or a name on the Hub; a folder of that path comes first
   * @param cache where names are looked for
   * @return the folder; the path as it is where it leads to something else, for others to refuse
   * @throws CheckpointException if there is none, or the cache's is not complete
   */
  public static Path find(String model, HubCache cache) {
    Optional<Path> path = path(model).filter(Files::exists);
    Optional<HubName> name = HubName.parse(model);
    if (path.filter(Files::isDirectory).isPresent()
        || (path.isPresent() && name.filter(cache::knows).isEmpty())) {
      return path.get();
    }
    return cache.find(name.orElseThrow(() -> noFolder(model)));
  }

  private static Optional<Path> path(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static CheckpointException noFolder(String model) {
    return new CheckpointException(
        lenientFormat(
            "there is no folder \"%s\"; give the path of a downloaded Hugging Face checkpoint, or"
                + " a model's name on the Hub, such as Qwen/Qwen2.5-0.5B",
            JsonText.cut(model)));
  }
}
