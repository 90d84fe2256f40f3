package io.proxytune.core.files;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Writes files so that a crash, of the program or of the machine, leaves the old one or the whole
 * new one: under a temporary name, flushed to the disk, then moved over the old one in one step
 * that is flushed too. Links are replaced, never written through.
 */
public final class DurableFiles {
  private static final String TEMPORARY = ".tmp";

  private DurableFiles() {}

  /** Gives a file's bytes. */
  public interface Body {
    /**
     * Writes them.
     *
     * @param out where to; not closed by the body
     * @throws IOException if the disk refuses
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file, replacing one that exists.
   *
   * @param file where; its folder exists. The same name with {@code .tmp} behind it is used up
   * @param body its bytes
   * @throws IOException if it can't be written; a file of that name is then as it was
   */
  public static void write(Path file, Body body) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
    Files.deleteIfExists(temporary); // what a crash left; of a link, the link itself
    Files.createFile(temporary);
    try {
      // A stream and not a channel: a channel is closed when its thread is interrupted.
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        body.writeTo(out);
        out.getFD().sync();
      }
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) {
      deleteAfter(e, temporary);
      throw e;
    }
    flushFolder(file.toAbsolutePath().getParent());
  }

  private static void deleteAfter(Throwable failure, Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Flushes a file's bytes to the disk.
   *
   * @param file a regular file that may be written
   * @throws IOException if the disk refuses
   */
  public static void flush(Path file) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.getFD().sync();
    }
  }

  /**
   * Flushes which names a folder holds, so that what was moved into it is there after a crash.
   * Windows keeps no such buffer.
   *
   * @param folder the folder
   * @throws IOException if the disk refuses
   */
  public static void flushFolder(Path folder) throws IOException {
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")) {
      return;
    }
    boolean interrupted = Thread.interrupted(); // it would close the channel
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
