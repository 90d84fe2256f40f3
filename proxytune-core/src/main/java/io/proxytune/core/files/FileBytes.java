package io.proxytune.core.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads parts of large files into memory. They are never mapped: when a mapped file is cut short
 * the operating system ends the process, and what is written to it appears in what was loaded.
 */
public final class FileBytes {
  /** The operating system is asked for so much at once. */
  private static final int BLOCK_BYTES = 1 << 26;

  private FileBytes() {}

  /**
   * Reads a part of a file, also on an interrupted thread, which it then still is.
   *
   * @param file a regular file
   * @param offset where the part begins
   * @param target takes what remains in it; afterwards nothing does
   * @throws EOFException if the file ends before that
   * @throws IOException if it can't be read
   */
  public static void read(Path file, long offset, ByteBuffer target) throws IOException {
    InputFile.requireRegular(file);
    long start = offset - target.position();
    boolean interrupted = Thread.interrupted();
    try {
      while (target.hasRemaining()) {
        interrupted |= readUnlessInterrupted(file, start, target);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether an interrupt closed the channel. */
  private static boolean readUnlessInterrupted(Path file, long start, ByteBuffer target)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      read(channel, start, target);
      return false;
    } catch (ClosedByInterruptException e) {
      return Thread.interrupted();
    }
  }

  private static void read(FileChannel channel, long start, ByteBuffer target) throws IOException {
    int end = target.limit();
    try {
      while (target.position() < end) {
        target.limit(Math.min(end, target.position() + BLOCK_BYTES));
        if (channel.read(target, start + target.position()) < 0) {
          throw new EOFException(
              "it ends after " + channel.size() + " bytes, so it became shorter");
        }
      }
    } finally {
      target.limit(end);
    }
  }
}
