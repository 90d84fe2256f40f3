package io.proxytune.core.hub;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache into which Hugging Face's tools download models. It is only read. Immutable; safe for
 * use by several threads.
 */
public final class HubCache {
  private static final Logger logger = LoggerFactory.getLogger(HubCache.class);
  private static final int SHOWN = 5;

  private final CacheLocation location;

  private HubCache(CacheLocation location) {
    this.location = location;
  }

  /**
   * The cache of this process, where the environment says that it is.
   *
   * @return the cache, which may not exist
   */
  public static HubCache ofProcess() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", "")));
  }

  /** The cache of an environment's variables and a user's home. */
  static HubCache of(Map<String, String> environment, Path home) {
    return new HubCache(CacheLocation.of(environment, home));
  }

  /**
   * The name of a model whose revision a folder is.
   *
   * @param folder any path
   * @return its name on the Hub with the commit, if the path is that of a revision in a cache
   */
  public static Optional<HubName> nameOf(Path folder) {
    Path revision = folder.toAbsolutePath().normalize();
    return Optional.ofNullable(revision.getParent())
        .filter(parent -> parent.endsWith(CachedModel.SNAPSHOTS))
        .map(Path::getParent)
        .filter(CachedModel::isModel)
        .flatMap(model -> new CachedModel(model).name(new Snapshot(revision)));
  }

  /**
   * Finds a model: the named revision, or else what main is, or where that is not complete the
   * newest revision that is.
   *
   * @param name the model's name
   * @return the folder of the revision, complete as far as can be told
   * @throws CheckpointException if it is not there, or not complete; the message says where it was
   *     looked for and names the command that downloads it
   */
  public Path find(HubName name) {
    CachedModel model = model(name);
    if (!model.exists()) {
      throw refusal(
          name, "is neither a folder nor in the Hugging Face cache", location + similar(name));
    }
    return name.revision()
        .map(revision -> revision(model, name, revision))
        .orElseGet(() -> newest(model, name))
        .folder();
  }

  /**
   * Whether anything of a model is in the cache.
   *
   * @param name the model's name
   * @return whether {@link #find} may find it
   */
  public boolean knows(HubName name) {
    return model(name).exists();
  }

  private CachedModel model(HubName name) {
    return new CachedModel(location.folder().resolve(name.folderName()));
  }

  private static Snapshot revision(CachedModel model, HubName name, String revision) {
    List<Snapshot> found = model.named(revision);
    if (found.size() > 1) {
      throw new CheckpointException(
          lenientFormat(
              "%s: the hashes of several revisions begin so (%s): give more of the one that is"
                  + " meant",
              name, shown(found.stream().map(Snapshot::commit).toList())));
    }
    if (found.isEmpty()) {
      throw refusal(
          name,
          "is not in the Hugging Face cache",
          lenientFormat("%s has the revisions %s", model.folder(), shown(model.revisions())));
    }
    return requireComplete(found.get(0), model, name);
  }

  private static Snapshot newest(CachedModel model, HubName name) {
    List<Snapshot> snapshots = model.newestFirst();
    if (snapshots.isEmpty()) {
      throw refusal(
          name,
          "is not in the Hugging Face cache",
          lenientFormat("%s has no revision of it", model.folder()));
    }
    Optional<Snapshot> complete =
        snapshots.stream().filter(snapshot -> snapshot.missing().isEmpty()).findFirst();
    if (complete.isPresent() && !complete.get().equals(snapshots.get(0))) {
      logger.warn(
          "{}: revision {} is used, since the newest one, {}, is not complete",
          name,
          complete.get().commit(),
          snapshots.get(0).commit());
    }
    return complete.orElseGet(() -> requireComplete(snapshots.get(0), model, name));
  }

  private static Snapshot requireComplete(Snapshot snapshot, CachedModel model, HubName name) {
    if (!Files.isDirectory(snapshot.folder())) {
      throw refusal(
          name,
          "is not in the Hugging Face cache",
          lenientFormat("%s names a revision that is not there", model.folder()));
    }
    List<String> missing = snapshot.missing();
    if (!missing.isEmpty()) {
      throw refusal(
          name,
          "is not complete in the Hugging Face cache",
          lenientFormat(
              "%s lacks %s%s",
              snapshot.folder(),
              shown(missing),
              model.isDownloading() ? ", and a download was cut short or is under way" : ""));
    }
    return snapshot;
  }

  /** Names without their owner, and other spellings, of what is there. */
  private String similar(HubName wanted) {
    List<String> names =
        CachedModel.in(location.folder()).stream()
            .map(CachedModel::name)
            .filter(name -> last(name).equalsIgnoreCase(last(wanted.model())))
            .toList();
    return names.isEmpty() ? "" : lenientFormat("; it has %s", shown(names));
  }

  private static String last(String name) {
    return name.substring(name.indexOf('/') + 1);
  }

  private static String shown(List<String> names) {
    return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (names.size() > SHOWN ? lenientFormat(" and %s more", names.size() - SHOWN) : "");
  }

  private static CheckpointException refusal(HubName name, String problem, String where) {
    return new CheckpointException(
        lenientFormat("model %s %s (%s); download it: %s", name, problem, where, name.download()));
  }
}
