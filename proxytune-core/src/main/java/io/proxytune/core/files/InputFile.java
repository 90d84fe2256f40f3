package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What holds of every file that is read: it is a regular file of this machine, or a link to one,
 * and not the pointer that Git LFS leaves in its place.
 */
public final class InputFile {
  private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";
  private static final int LFS_POINTER_LENGTH = LFS_POINTER.length();

  private InputFile() {}

  /**
   * Whether a folder lists a file; a link that leads nowhere counts, to be refused by name.
   *
   * @param file any path
   * @return whether something has that name
   */
  public static boolean isListed(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Checks that a path leads to a regular file. What may block or never end (a pipe, a device) is
   * not opened.
   *
   * @param file the path; links are followed
   * @throws CheckpointException if there is none, or it is something else
   */
  public static void requireRegular(Path file) {
    if (file.getFileSystem() != FileSystems.getDefault()) {
      throw new CheckpointException(
          lenientFormat(
              "%s must be a file on disk, got a path of %s; copy it out of there",
              file, file.getFileSystem().provider().getScheme()));
    }
    if (!Files.exists(file)) {
      throw new CheckpointException(
          "file "
              + file
              + " does not exist, or is a link that leads nowhere; download it, or correct the"
              + " path");
    }
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          lenientFormat(
              "%s must be a file, got %s; give the path of a regular file",
              file,
              Files.isDirectory(file) ? "a folder" : "a special file (a pipe, socket or device)"));
    }
  }

  /**
   * Opens a regular file.
   *
   * @param file the path; links are followed
   * @return its bytes, to be closed; unlike a channel's they can be read by an interrupted thread
   * @throws CheckpointException if it is no regular file
   * @throws IOException if it can't be opened
   */
  static InputStream open(Path file) throws IOException {
    requireRegular(file);
    return new FileInputStream(file.toFile());
  }

  /**
   * Refuses the pointer that stands for a file which Git LFS did not download.
   *
   * @param file where the text is from
   * @param start the file's beginning
   * @throws CheckpointException if it is one
   */
  public static void refuseLfsPointer(Path file, String start) {
    if (start.startsWith(LFS_POINTER)) {
      throw new CheckpointException(
          lenientFormat(
              "%s is a Git LFS pointer, not the file itself; run \"git lfs pull\" in its"
                  + " repository, or download the file",
              file));
    }
  }

  /**
   * How much of a file's beginning {@link #refuseLfsPointer} looks at.
   *
   * @return bytes
   */
  public static int lfsPointerLength() {
    return LFS_POINTER_LENGTH;
  }

  /**
   * Says why a file can't be read.
   *
   * @param file the file or folder
   * @param e what happened
   * @return what to throw
   */
  public static CheckpointException unreadable(Path file, IOException e) {
    return new CheckpointException(
        "cannot read "
            + file
            + ": "
            + reason(file, e)
            + "; check the file's permissions and the disk",
        e);
  }

  private static String reason(Path file, IOException e) {
    if (e instanceof AccessDeniedException || (Files.exists(file) && !Files.isReadable(file))) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException || !Files.exists(file)) {
      return "no such file";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
