package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** How much memory the machine and the container leave to this process, as Linux tells it. */
final class FreeMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  private FreeMemory() {}

  /** What can be had without swapping, in bytes; nothing where the system doesn't tell. */
  static OptionalLong bytes() {
    return bytes(MEMINFO, ControlGroups.ofThisProcess());
  }

  /** The machine's available memory, within the container's. */
  static OptionalLong bytes(Path meminfo, ControlGroups groups) {
    OptionalLong machine = availableOf(lines(meminfo));
    OptionalLong container = groups.freeMemory();
    return container.isEmpty()
        ? machine
        : OptionalLong.of(Math.min(machine.orElse(Long.MAX_VALUE), container.getAsLong()));
  }

  /** The line MemAvailable of {@code /proc/meminfo}, in bytes. */
  static OptionalLong availableOf(List<String> meminfo) {
    return meminfo.stream()
        .filter(line -> line.matches("MemAvailable:\\s*[0-9]{1,15} kB"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException | SecurityException e) {
      return List.of(); // not Linux: nothing to check against
    }
  }
}
