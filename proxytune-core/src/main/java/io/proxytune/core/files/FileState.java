package io.proxytune.core.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What tells a file from one that was written in its place, or written to since.
 *
 * @param size its bytes
 * @param modified when its bytes were last changed, as exactly as the file system says
 * @param changed when anything of it was last changed, on Unix, which no program can set back
 * @param key its number in the file system, where it has one
 */
record FileState(long size, FileTime modified, @Nullable FileTime changed, @Nullable Object key) {
  /**
   * Two writes within one tick of the system's clock can't be told apart; a tick is shorter. Tests
   * that write very many files do without.
   */
  static volatile Duration tick = Duration.ofMillis(10);

  FileState {
    requireNonNull(modified, "modified");
  }

  static FileState of(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileState(
        attributes.size(), attributes.lastModifiedTime(), changeTime(file), attributes.fileKey());
  }

  private static @Nullable FileTime changeTime(Path file) throws IOException {
    try {
      return (FileTime) Files.getAttribute(file, "unix:ctime");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return null; // not a Unix
    }
  }

  /**
   * Waits until a later write can be told from those that were.
   *
   * @return how long that takes yet, at most a tick
   */
  Duration untilSettled() {
    Instant last = Objects.requireNonNullElse(changed, modified).toInstant();
    Duration age = Duration.between(last, Instant.now());
    return age.isNegative() || age.compareTo(tick) >= 0 ? Duration.ZERO : tick.minus(age);
  }

  /** What differs from a file's state now, for a message; empty if nothing does. */
  String differences(Path file) throws IOException {
    FileState now;
    try {
      now = of(file);
    } catch (NoSuchFileException e) {
      return "it is gone";
    }
    if (equals(now)) {
      return "";
    }
    if (!Objects.equals(key, now.key)) {
      return "another file took its place";
    }
    return size == now.size ? "it was written to" : "it had " + size + " bytes and has " + now.size;
  }
}
