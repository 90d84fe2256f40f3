package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** How much memory the machine and the container leave to this process, as Linux tells it. */
final class FreeMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");

  private FreeMemory() {}

  /** What can be had without swapping, in bytes; nothing where the system doesn't tell. */
  static OptionalLong bytes() {
    return bytes(MEMINFO, CGROUP);
  }

  /** The machine's available memory, within the container's: control groups, version 2 or 1. */
  static OptionalLong bytes(Path meminfo, Path cgroup) {
    OptionalLong machine = availableOf(lines(meminfo));
    long container =
        Math.min(
            leftOf(cgroup, "memory.max", "memory.current"),
            leftOf(cgroup.resolve("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"));
    return container == Long.MAX_VALUE
        ? machine
        : OptionalLong.of(Math.min(machine.orElse(Long.MAX_VALUE), container));
  }

  /** What a group leaves; the largest number if it sets no limit. */
  private static long leftOf(Path group, String limitFile, String usedFile) {
    OptionalLong limit = number(group.resolve(limitFile));
    OptionalLong used = number(group.resolve(usedFile));
    if (limit.isEmpty() || used.isEmpty()) {
      return Long.MAX_VALUE;
    }
    // Cached files count as used but give way.
    long cached = cachedFilesOf(lines(group.resolve("memory.stat")));
    return Math.max(0, limit.getAsLong() - Math.max(0, used.getAsLong() - cached));
  }

  /** The line MemAvailable of {@code /proc/meminfo}, in bytes. */
  static OptionalLong availableOf(List<String> meminfo) {
    return meminfo.stream()
        .filter(line -> line.matches("MemAvailable:\\s*[0-9]{1,15} kB"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst();
  }

  /** The line inactive_file of {@code memory.stat}, in bytes; 0 if there is none. */
  static long cachedFilesOf(List<String> memoryStat) {
    return memoryStat.stream()
        .filter(line -> line.matches("inactive_file [0-9]{1,18}"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }

  private static OptionalLong number(Path file) {
    return lines(file).stream()
        .filter(line -> line.matches("[0-9]{1,18}")) // no limit: "max", or 19 digits in version 1
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException | SecurityException e) {
      return List.of(); // not Linux, or no container: nothing to check against
    }
  }
}
