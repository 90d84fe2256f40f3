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

  /**
   * The folder itself: {@code proxytune.bench.data}, else in the user's home; not in the one for
   * temporary files, where any user could have made one of that name.
   */
  static Path path() {
    Path own = Path.of(System.getProperty("user.home"), ".cache", "proxytune-bench");
    return Path.of(System.getProperty("proxytune.bench.data", own.toString()));
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
