package io.proxytune.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/**
 * What the process holds at a moment, after a look for garbage.
 *
 * @param resident its resident memory in bytes, heap and native; 0 where the system does not tell
 * @param heap the heap in use, in bytes
 * @param objects native objects that Java holds
 * @param threads the threads, native ones included; Java's alone where the system does not tell
 * @param files open file descriptors; 0 where the system does not tell
 */
record EnduranceSample(long resident, long heap, long objects, long threads, long files) {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Now. */
  static EnduranceSample take() {
    for (int i = 0; i < 3; i++) { // what the first finds to be garbage is freed by another thread
      System.gc();
      pause();
    }
    Pointer.trimMemory();
    Runtime runtime = Runtime.getRuntime();
    return new EnduranceSample(
        status("VmRSS:") << 10,
        runtime.totalMemory() - runtime.freeMemory(),
        Pointer.totalCount(),
        Files.exists(STATUS) ? status("Threads:") : Thread.getAllStackTraces().size(),
        openFiles());
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long status(String name) {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long openFiles() {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    } catch (IOException e) {
      return 0;
    }
  }
}
