package io.proxytune.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where peers and their copies of the models are.
 *
 * @param scripts the folder {@code proxytune-bench/side-by-side}
 * @param peers what its {@code setup.sh} filled
 * @param variant the variant of llama.cpp's for a processor, such as {@code haswell}, or {@code
 *     auto}
 */
record PeerFiles(Path scripts, Path peers, String variant) {
  static final String LLAMA = "llama.cpp";
  static final String JLAMA = "Jlama";

  private Path python() {
    return peers.resolve("python");
  }

  private String script(String name) {
    return scripts.resolve(name).toString();
  }

  /** Whether {@code setup.sh} brought a library. */
  boolean has(String library) {
    return !library.equals(JLAMA) || Files.exists(jlama());
  }

  private Path jlama() {
    return peers.resolve("jlama-java");
  }

  /** Starts a library with models, whose folders are given. */
  Peer start(String library, String format, List<Path> folders) {
    List<String> command = new ArrayList<>(command(library, format));
    folders.forEach(folder -> command.add(converted(library, format, folder).toString()));
    return new Peer(command);
  }

  private List<String> command(String library, String format) {
    String python = python().toString();
    return switch (library) {
      case JLAMA -> List.of(jlama().toString(), script("Jlama.java"), "run");
      case LLAMA ->
          List.of(
              python, script("peers.py"), library, peers.resolve("llama.cpp").toString(), variant);
      default -> List.of(python, script("peers.py"), library, format);
    };
  }

  /** The same weights as the library takes them, written once. */
  private Path converted(String library, String format, Path folder) {
    return switch (library) {
      case JLAMA ->
          made(
              folder.getFileName() + "-Jlama-" + format,
              own ->
                  run(
                      jlama().toString(),
                      script("Jlama.java"),
                      "convert",
                      format,
                      folder.toString(),
                      own.toString()));
      case LLAMA ->
          made(
                  folder.getFileName() + "-" + format,
                  own ->
                      run(
                          python().toString(),
                          script("to_gguf.py"),
                          folder.toString(),
                          own.resolve("model.gguf").toString(),
                          format))
              .resolve("model.gguf");
      default -> folder;
    };
  }

  /** Makes a folder's files. */
  private interface Maker {
    void make(Path own) throws IOException;
  }

  private Path made(String name, Maker maker) {
    return DataFolder.cached(
        peers.resolve(name),
        name,
        own -> {
          Files.createDirectories(own);
          maker.make(own);
        });
  }

  private static void run(String... command) throws IOException {
    try {
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IOException(String.join(" ", command) + " ended with status " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
