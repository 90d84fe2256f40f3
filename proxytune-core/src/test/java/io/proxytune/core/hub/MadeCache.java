package io.proxytune.core.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** A cache in the layout of Hugging Face's Python package. */
final class MadeCache {
  private final Path root;
  private final boolean links;
  private int blobs;

  /** With links to blobs, or as on a system without links. */
  MadeCache(Path root, boolean links) {
    this.root = root;
    this.links = links;
  }

  Path model(String name) {
    return root.resolve("models--" + name.replace("/", "--"));
  }

  Path snapshot(String name, String commit) {
    return model(name).resolve("snapshots").resolve(commit);
  }

  /** A revision with files, each of a few bytes. */
  Path revision(String name, String commit, String... files) throws IOException {
    Path snapshot = Files.createDirectories(snapshot(name, commit));
    for (String file : files) {
      add(name, commit, file, "{}");
    }
    return snapshot;
  }

  void add(String name, String commit, String file, String text) throws IOException {
    Path at = snapshot(name, commit).resolve(file);
    if (!links) {
      Files.writeString(at, text);
      return;
    }
    Path blob = Files.createDirectories(model(name).resolve("blobs")).resolve("b" + blobs++);
    Files.writeString(blob, text);
    Files.createSymbolicLink(at, at.getParent().relativize(blob));
  }

  void ref(String name, String ref, String commit) throws IOException {
    Path file = model(name).resolve("refs").resolve(ref);
    Files.createDirectories(file.getParent());
    Files.writeString(file, commit);
  }

  /** Sets when a revision's folder was last changed. */
  void time(String name, String commit, int hour) throws IOException {
    Instant time = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(3600L * hour);
    Files.setLastModifiedTime(snapshot(name, commit), FileTime.from(time));
  }
}
