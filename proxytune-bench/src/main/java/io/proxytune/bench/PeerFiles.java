package io.proxytune.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where peers and their copies of the models are.
 *
 * @param scripts the folder {@code proxytune-bench/side-by-side}
 * @param peers what its {@code setup.sh} filled
 * @param variant the variant of llama.cpp's for a processor, such as {@code haswell}, or {@code
 *     auto}
 */
record PeerFiles(Path scripts, Path peers, String variant) {
  private Path python() {
    return peers.resolve("python");
  }

  /** Starts a library with models, whose folders are given. */
  Peer start(String library, String format, List<Path> folders) {
    boolean llama = library.equals("llama.cpp");
    List<String> arguments =
        llama
            ? List.of(library, peers.resolve("llama.cpp").toString(), variant)
            : List.of(library, format);
    List<String> files =
        folders.stream()
            .map(folder -> llama ? gguf(folder, format) : folder)
            .map(Path::toString)
            .toList();
    return new Peer(
        python(),
        scripts.resolve("peers.py"),
        Stream.concat(arguments.stream(), files.stream()).toList());
  }

  /** The same weights as a file of llama.cpp's, written once. */
  private Path gguf(Path folder, String format) {
    String name = folder.getFileName() + "-" + format;
    Path made =
        DataFolder.cached(
            peers.resolve(name),
            name,
            own -> {
              Files.createDirectories(own);
              convert(folder, own.resolve("model.gguf"), format);
            });
    return made.resolve("model.gguf");
  }

  private void convert(Path folder, Path file, String format) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                python().toString(),
                scripts.resolve("to_gguf.py").toString(),
                folder.toString(),
                file.toString(),
                format)
            .inheritIO();
    try {
      int status = builder.start().waitFor();
      if (status != 0) {
        throw new IOException("to_gguf.py ended with status " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
