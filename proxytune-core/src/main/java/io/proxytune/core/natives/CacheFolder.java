package io.proxytune.core.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder that a binding unpacks its native libraries to. The bindings would turn to a folder
 * with a known name among all users' temporary files where it can't be written; whoever makes that
 * one first decides what code this process runs. It is refused instead.
 *
 * @param library the library, as a sentence begins with it
 * @param folder where its files go
 * @param setting what names another folder, for messages
 */
public record CacheFolder(String library, Path folder, String setting) {
  /**
   * Why the folder can't be used; it is made where it is not there.
   *
   * @return a sentence that names the folder and the remedy; empty where it can be used
   */
  public Optional<String> problem() {
    String reason;
    try {
      Files.createDirectories(folder);
      if (Files.isWritable(folder) && Files.isExecutable(folder)) {
        return Optional.empty();
      }
      reason = "it can't be written";
    } catch (IOException | RuntimeException e) {
      reason = "it can't be made: " + e;
    }
    return Optional.of(
        library
            + " can't be unpacked to "
            + folder
            + " ("
            + reason
            + "). Give this user a home folder that can be written, or name another folder, which"
            + " nobody else can write, with "
            + setting);
  }
}
