package io.proxytune.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The operating system's cache of files, as far as Linux lets the superuser empty it. */
final class PageCache {
  private static final Path SWITCH = Path.of("/proc/sys/vm/drop_caches");

  private PageCache() {}

  /** Whether this process may empty it. */
  static boolean canDrop() {
    return Files.isWritable(SWITCH);
  }

  /** Forgets what was read from files, so that the next read comes from the disk. */
  static void drop() throws IOException {
    Files.write(SWITCH, "1".getBytes(StandardCharsets.US_ASCII));
  }
}
