package io.proxytune.examples.tasks.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where the Python is that {@code python3} begins.
 *
 * @param executable the program itself, no script that looks for it
 * @param folders what it needs to run
 */
record PythonHome(String executable, List<String> folders) {
  private static final String ASK =
      "import os, sys; print(os.path.realpath(sys.executable));"
          + " print(os.path.realpath(sys.base_prefix))";

  /**
   * Asks the {@code python3} of the path.
   *
   * @throws IOException if there is none that answers
   */
  static PythonHome find() throws IOException {
    Process python =
        new ProcessBuilder("python3", "-I", "-S", "-c", ASK)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> said = new String(python.getInputStream().readAllBytes(), UTF_8).lines().toList();
    try {
      boolean well = python.waitFor(30, TimeUnit.SECONDS) && python.exitValue() == 0;
      if (!well || said.size() != 2 || Path.of(said.get(1)).getNameCount() == 0) {
        throw new IOException("python3 does not say where it is");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } finally {
      python.destroyForcibly();
    }
    return new PythonHome(said.get(0), folders(Path.of(said.get(0)), Path.of(said.get(1))));
  }

  private static List<String> folders(Path executable, Path prefix) {
    Path usr = Path.of("/usr");
    return Stream.of(usr, prefix, executable.resolveSibling(""))
        .filter(folder -> folder.equals(usr) || !folder.startsWith(usr))
        .filter(folder -> folder.equals(prefix) || !folder.startsWith(prefix))
        .map(Path::toString)
        .distinct()
        .toList();
  }
}
