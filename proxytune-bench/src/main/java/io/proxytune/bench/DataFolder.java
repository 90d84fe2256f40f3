package io.proxytune.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where files that are large and can be made again are kept between runs. */
final class DataFolder {
  private static final String MARKER = "made-from.txt";

  private DataFolder() {}

  /** Fills a folder. */
  interface Maker {
    /** Writes the files; the folder may be there, with files of an older version. */
    void make(Path folder) throws IOException;
  }

  /** The folder itself: {@code proxytune.bench.data}, else in the one for temporary files. */
  static Path path() {
    String temporary = Path.of(System.getProperty("java.io.tmpdir"), "proxytune-bench").toString();
    return Path.of(System.getProperty("proxytune.bench.data", temporary));
  }

  /**
   * Makes a folder unless it is there and was made from the same things.
   *
   * @param origin all that decides about its contents
   */
  static Path cached(Path folder, String origin, Maker maker) {
    Path marker = folder.resolve(MARKER);
    try {
      if (Files.exists(marker) && Files.readString(marker).equals(origin)) {
        return folder;
      }
      Files.deleteIfExists(marker); // there is no marker until all is written
      maker.make(folder);
      Files.writeString(marker, origin);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "can't write " + folder + ": check the disk, or move it with -Dproxytune.bench.data", e);
    }
  }
}
