package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many cores are worth a thread. Decoding is bound by memory bandwidth: a second hyperthread of
 * a core adds nothing and can cost a lot.
 */
final class CpuTopology {
  private CpuTopology() {}

  /** Physical cores, but no more than the container may use. */
  static int usableCores() {
    int available = Runtime.getRuntime().availableProcessors();
    try {
      int physical = physicalCores(Files.readAllLines(Path.of("/proc/cpuinfo")));
      return physical == 0 ? available : Math.min(available, physical);
    } catch (IOException | SecurityException e) {
      return available; // not Linux: the JVM's count is all we know
    }
  }

  /** The number of different (package, core) pairs of {@code /proc/cpuinfo}; 0 if it names none. */
  static int physicalCores(List<String> cpuinfo) {
    Set<String> cores = new HashSet<>();
    String socket = "";
    for (String line : cpuinfo) {
      if (line.startsWith("physical id")) {
        socket = value(line);
      } else if (line.startsWith("core id")) {
        cores.add(socket + "/" + value(line));
      }
    }
    return cores.size();
  }

  private static String value(String line) {
    return line.substring(line.indexOf(':') + 1).trim();
  }
}
