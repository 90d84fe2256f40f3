package io.proxytune.core.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.DurableFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder beside the output in which a training keeps its state. It is marked as training's own
 * by a file whose lock keeps a second training out, in this process or another. Only files that
 * training writes are ever deleted in it, by their names, and never through a link. For one thread.
 */
final class StateFolder implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(StateFolder.class);

  private static final String MARK = ".proxytune-training";
  private static final String MARK_TEXT =
      "This folder holds the state of a training that ProxyTune began. The same call goes on from"
          + " it, and deletes it when the output is complete.\n";
  private static final String OUTPUT = "output";
  private static final Pattern STATE =
      Pattern.compile("(progress\\.json|step-\\d+\\.safetensors)(\\.tmp)?");

  /** Behind the mark's text, since some systems let nobody read what is locked. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final Path folder;
  private final RandomAccessFile mark;

  private StateFolder(Path folder, RandomAccessFile mark) {
    this.folder = folder;
    this.mark = mark;
  }

  /**
   * Makes the folder, or takes over one that an earlier training left.
   *
   * @throws CheckpointException if something else has that name, it holds files but no mark, or
   *     another training uses it
   */
  static StateFolder claim(Path folder) {
    try {
      return claimOnce(folder);
    } catch (NoSuchFileException | FileNotFoundException e) {
      return claimAgain(folder); // it went with the training that had it until now
    } catch (IOException e) {
      throw OutputFolder.unwritable(folder, e);
    }
  }

  private static StateFolder claimAgain(Path folder) {
    try {
      return claimOnce(folder);
    } catch (NoSuchFileException e) {
      throw inUse(folder);
    } catch (IOException e) {
      throw OutputFolder.unwritable(folder, e);
    }
  }

  private static StateFolder claimOnce(Path folder) throws IOException {
    makeFolder(folder);
    RandomAccessFile mark = openMark(folder);
    try {
      lock(folder, mark);
      return new StateFolder(folder, mark);
    } catch (IOException | RuntimeException e) {
      mark.close();
      throw e;
    }
  }

  private static void makeFolder(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      requireFolder(folder); // an earlier training's, or another's that was faster
    }
  }

  private static void requireFolder(Path folder) throws IOException {
    BasicFileAttributes found = attributes(folder);
    if (!found.isDirectory()) {
      throw foreign(folder, "it is " + (found.isSymbolicLink() ? "a link" : "a file"));
    }
  }

  /** Of a link its own. Where nothing is any more, what was there went with its training. */
  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static RandomAccessFile openMark(Path folder) throws IOException {
    Path file = folder.resolve(MARK);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      requireUnused(folder);
      try {
        Files.createFile(file);
      } catch (FileAlreadyExistsException e) {
        // Another training was faster: the lock decides.
      }
    }
    if (!attributes(file).isRegularFile()) {
      throw foreign(folder, "its " + MARK + " is no regular file");
    }
    return new RandomAccessFile(file.toFile(), "rw");
  }

  private static void requireUnused(Path folder) throws IOException {
    // Twice, since what is seen while another training comes or goes may lack its mark.
    if (!withoutMark(folder).isEmpty()) {
      List<String> others = withoutMark(folder);
      if (!others.isEmpty()) {
        throw foreign(folder, "it holds " + shown(others) + " and no mark of a training");
      }
    }
  }

  /** The files of a folder that has no mark; none of one that has. */
  private static List<String> withoutMark(Path folder) throws IOException {
    List<String> names = names(folder);
    return names.contains(MARK) ? List.of() : names;
  }

  /** Locks the mark and signs it: a mark that was deleted meanwhile is not the one of that name. */
  private static void lock(Path folder, RandomAccessFile mark) throws IOException {
    FileLock lock = null;
    try {
      lock = mark.getChannel().tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      // Held by another thread of this process.
    }
    if (lock == null) {
      throw inUse(folder);
    }
    byte[] signed = (MARK_TEXT + UUID.randomUUID() + "\n").getBytes(UTF_8);
    mark.write(signed);
    mark.setLength(signed.length);
    mark.getFD().sync();
    Path file = folder.resolve(MARK);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || !Files.readString(file).equals(new String(signed, UTF_8))) {
      throw inUse(folder);
    }
  }

  private static CheckpointException foreign(Path folder, String why) {
    return new CheckpointException(
        "training keeps its state in "
            + folder
            + ", but "
            + why
            + ": it is left as it is; move it away, or give another output folder");
  }

  private static CheckpointException inUse(Path folder) {
    return new CheckpointException(
        "another training uses "
            + folder
            + ": wait until it is done or stop it, or give another output folder");
  }

  Path path() {
    return folder;
  }

  /** The state file of a step. */
  Path tensors(int step) {
    return folder.resolve("step-" + step + ".safetensors");
  }

  Path progress() {
    return folder.resolve("progress.json");
  }

  /** Where the output is put together. */
  Path stage() {
    return folder.resolve(OUTPUT);
  }

  /** An empty {@link #stage()}. */
  Path newStage() throws IOException {
    if (Files.exists(stage(), LinkOption.NOFOLLOW_LINKS) && !isOwnFolder(stage())) {
      throw foreign(folder, "its " + OUTPUT + " is no folder");
    }
    deleteOwn(stage(), OutputFolder::writes);
    return Files.createDirectories(stage());
  }

  /** Deletes the state of every step but one. */
  void deleteOthers(Path current) throws IOException {
    deleteOwn(
        folder,
        name ->
            name.startsWith("step-") && STATE.matcher(name).matches() && !current.endsWith(name));
  }

  /** Deletes all that training wrote here, and the folder itself where it holds nothing else. */
  void delete() throws IOException {
    deleteOwn(stage(), OutputFolder::writes);
    deleteOwn(folder, name -> STATE.matcher(name).matches());
    List<String> left = names(folder);
    left.remove(MARK);
    if (left.isEmpty()) {
      remove();
      DurableFiles.flushFolder(folder.getParent());
    } else {
      logger.warn("{} stays: training did not write {} in it", folder, shown(left));
    }
  }

  /** The mark goes while it is locked, so that nobody takes over a folder that is about to go. */
  private void remove() throws IOException {
    try {
      Files.delete(folder.resolve(MARK));
      mark.close();
    } catch (IOException e) { // Windows deletes no file that is open
      mark.close();
      Files.deleteIfExists(folder.resolve(MARK));
    }
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Another training has claimed it since the mark went.
    }
  }

  private interface Own {
    boolean accepts(String name);
  }

  /** Deletes files by name, and the folder itself where that leaves it empty, if it is inside. */
  private void deleteOwn(Path from, Own own) throws IOException {
    if (!isOwnFolder(from)) {
      return;
    }
    for (String name : names(from)) {
      Path file = from.resolve(name);
      if (own.accepts(name) && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(file);
      }
    }
    if (!from.equals(folder) && names(from).isEmpty()) {
      Files.delete(from);
    }
  }

  private static boolean isOwnFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted()
          .collect(Collectors.toList()); // a list that can be changed
    }
  }

  private static String shown(List<String> names) {
    String first = names.stream().limit(3).collect(Collectors.joining(", "));
    return names.size() > 3 ? first + " and " + (names.size() - 3) + " more" : first;
  }

  /** Lets another training in; a folder in which nothing was saved goes. */
  @Override
  public void close() throws IOException {
    if (!mark.getChannel().isOpen()) {
      return;
    }
    if (names(folder).equals(List.of(MARK))) {
      remove();
    } else {
      mark.close();
    }
  }
}
