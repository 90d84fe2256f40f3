package io.proxytune.core.hub;

import static java.util.Comparator.comparing;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model's folder in the Hub's cache: {@code refs} hold a commit's hash for each branch and tag,
 * {@code snapshots} a folder for each commit, {@code blobs} the files.
 *
 * @param folder {@code models--OWNER--NAME}
 */
record CachedModel(Path folder) {
  static final String PREFIX = "models--";
  static final String SEPARATOR = "--";
  static final String SNAPSHOTS = "snapshots";

  private static final String MAIN = "main";

  /** A hash has 40 digits. */
  private static final int LONGEST_REF = 1000;

  /** The models of a cache, by their folders' names. */
  static List<CachedModel> in(Path cache) {
    return folders(cache).stream().filter(CachedModel::isModel).map(CachedModel::new).toList();
  }

  /** Whether a folder's name is that of a model in a cache. */
  static boolean isModel(Path folder) {
    return folder.getFileName() != null && folder.getFileName().toString().startsWith(PREFIX);
  }

  /** Its name on the Hub. */
  String name() {
    return folder.getFileName().toString().substring(PREFIX.length()).replace(SEPARATOR, "/");
  }

  /** The name of a revision. */
  Optional<HubName> name(Snapshot snapshot) {
    return HubName.parse(name() + "@" + snapshot.commit());
  }

  boolean exists() {
    return Files.isDirectory(folder);
  }

  /** The revisions, the newest first, main's before all. */
  List<Snapshot> newestFirst() {
    Optional<String> main = commit(MAIN);
    return snapshots()
        .sorted(
            comparing((Snapshot s) -> main.filter(s.commit()::equals).isEmpty())
                .thenComparing(comparing(Snapshot::time).reversed())
                .thenComparing(Snapshot::commit))
        .toList();
  }

  /**
   * The revisions of a name.
   *
   * @param name a branch or a tag; or else a commit's hash, or its beginning of at least 4 digits
   * @return one where the name is a branch's or tag's; a beginning may be that of several
   */
  List<Snapshot> named(String name) {
    Optional<String> commit = commit(name);
    if (commit.isPresent()) {
      return List.of(new Snapshot(folder.resolve(SNAPSHOTS).resolve(commit.get())));
    }
    return name.matches("[0-9a-fA-F]{4,40}")
        ? snapshots()
            .filter(s -> s.commit().regionMatches(true, 0, name, 0, name.length()))
            .toList()
        : List.of();
  }

  /** Branches, tags and the beginnings of hashes, for messages. */
  List<String> revisions() {
    Path refs = folder.resolve("refs");
    try (Stream<Path> files = Files.isDirectory(refs) ? Files.walk(refs, 3) : Stream.of()) {
      Stream<String> names =
          files
              .filter(Files::isRegularFile)
              .map(file -> refs.relativize(file).toString().replace('\\', '/'))
              .sorted();
      return Stream.concat(names, snapshots().map(Snapshot::shortCommit)).toList();
    } catch (IOException e) {
      throw InputFile.unreadable(refs, e);
    }
  }

  /** Whether a download was cut short, or is under way. */
  boolean isDownloading() {
    Path blobs = folder.resolve("blobs");
    try (Stream<Path> files = Files.isDirectory(blobs) ? Files.list(blobs) : Stream.of()) {
      return files.anyMatch(file -> file.getFileName().toString().endsWith(".incomplete"));
    } catch (IOException e) {
      throw InputFile.unreadable(blobs, e);
    }
  }

  private Stream<Snapshot> snapshots() {
    return folders(folder.resolve(SNAPSHOTS)).stream().map(Snapshot::new);
  }

  /** The commit that a branch or a tag is, if there is one that can be read. */
  private Optional<String> commit(String ref) {
    Path file = folder.resolve("refs").resolve(ref);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(TextFile.read(file, LONGEST_REF).strip())
          .filter(commit -> commit.matches("[0-9a-zA-Z]+"));
    } catch (CheckpointException e) {
      return Optional.empty(); // as if it were not there: it may be of another program
    }
  }

  /** The folders of a folder, by their names. */
  static List<Path> folders(Path folder) {
    try (Stream<Path> entries = Files.isDirectory(folder) ? Files.list(folder) : Stream.of()) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(folder, e);
    }
  }
}
