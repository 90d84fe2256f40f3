package io.proxytune.core.torch;

import static org.junit.jupiter.api.Assumptions.abort;

import io.proxytune.core.torch.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** What tests ask of memory outside the heap. */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * Native objects that Java holds and that will be freed when closed or collected, without those
   * of programs that are kept for models to come.
   */
  public static long objects() {
    Script.closeUnused();
    return Pointer.totalCount();
  }

  /** The process's resident memory, heap and files too, after what is freed was given back. */
  public static long residentBytes() {
    Script.closeUnused();
    System.gc();
    Pointer.trimMemory();
    return status("VmRSS");
  }

  /** How many times files under a folder are mapped; ends the test as skipped but on Linux. */
  public static long mappingsUnder(Path folder) {
    String prefix = folder.toAbsolutePath().toString();
    return lines("/proc/self/maps").stream().filter(line -> line.contains(prefix)).count();
  }

  /** A figure of {@code /proc/self/status} in bytes; ends the test as skipped but on Linux. */
  public static long status(String name) {
    return lines("/proc/self/status").stream()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElseGet(() -> abort("this system tells no " + name));
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      return abort("needs " + file + ", which only Linux has");
    }
  }
}
