package io.proxytune.core.hub;

import static com.google.common.base.Strings.lenientFormat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Recognises folders of the Hub's cache that are no model's revision, to name the one meant. */
public final class CacheAdvice {
  private static final int SHOWN = 5;

  private CacheAdvice() {}

  /**
   * What to do where a checkpoint was looked for in a folder of the cache.
   *
   * @param folder any folder
   * @return which folder to give instead; nothing where it is none of the cache's
   */
  public static Optional<String> advice(Path folder) {
    if (Files.isDirectory(folder.resolve(CachedModel.SNAPSHOTS))) {
      return Optional.of(ofModel(new CachedModel(folder)));
    }
    if (folder.toAbsolutePath().endsWith(CachedModel.SNAPSHOTS)) {
      List<Path> revisions = CachedModel.folders(folder).stream().limit(SHOWN).toList();
      return Optional.of(lenientFormat("it holds revisions: give one of %s", revisions));
    }
    return CachedModel.in(folder).stream().findFirst().map(CacheAdvice::ofCache);
  }

  private static String ofModel(CachedModel model) {
    return newest(model)
        .map(
            revision ->
                lenientFormat(
                    "it is a model's folder in the Hub's cache: give that of a revision, %s",
                    revision))
        .orElse(
            "it is a model's folder in the Hub's cache, without a revision: download the model"
                + " again");
  }

  private static String ofCache(CachedModel first) {
    return lenientFormat(
        "it is a cache of several models: give one's name on the Hub (%s), or the folder of its"
            + " revision, such as %s",
        first.name(),
        newest(first).orElse(first.folder().resolve(CachedModel.SNAPSHOTS).resolve("REVISION")));
  }

  private static Optional<Path> newest(CachedModel model) {
    return model.newestFirst().stream().findFirst().map(Snapshot::folder);
  }
}
