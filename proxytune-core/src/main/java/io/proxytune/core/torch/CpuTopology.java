package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * How many cores are worth a thread. Decoding is bound by memory bandwidth: a second hyperthread of
 * a core adds nothing and can cost a lot.
 */
final class CpuTopology {
  private static final String ALLOWED = "Cpus_allowed_list:";

  private CpuTopology() {}

  /**
   * The physical cores that this process may run on, but no more than its CPU quota is worth. The
   * JVM counts hyperthreads, and knows the quota of its own control group alone.
   */
  static int usableCores() {
    return Math.min(cores(), within(ControlGroups.ofThisProcess().cpus()));
  }

  /**
   * How many threads a quota is worth: the nearest number. All threads of an operator wait for the
   * one that the quota stops, but with one and a half processors two were a fifth faster than one;
   * where they are not, {@link ThreadChoice} finds it.
   */
  static int within(OptionalDouble quota) {
    return quota.isPresent()
        ? (int) Math.max(1, Math.round(quota.getAsDouble()))
        : Integer.MAX_VALUE;
  }

  private static int cores() {
    int available = Runtime.getRuntime().availableProcessors();
    try {
      BitSet allowed = allowedProcessors(read("/proc/self/status"));
      int physical = physicalCores(read("/proc/cpuinfo"), allowed);
      return physical == 0 ? available : Math.min(available, physical);
    } catch (IOException | SecurityException | NumberFormatException e) {
      return available; // not Linux, or in a form of its own: the JVM's count is all we know
    }
  }

  /** The name of a program, which is in there too, may be in any encoding. */
  private static List<String> read(String file) throws IOException {
    return Files.readAllLines(Path.of(file), StandardCharsets.ISO_8859_1);
  }

  /**
   * The processors that the affinity of a process and its cpuset leave it, of its {@code
   * /proc/…/status}; empty if it names none.
   */
  static BitSet allowedProcessors(List<String> status) {
    BitSet allowed = new BitSet();
    for (String line : status) {
      if (line.startsWith(ALLOWED)) {
        for (String range : line.substring(ALLOWED.length()).trim().split(",", -1)) {
          String[] ends = range.split("-", -1);
          allowed.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
      }
    }
    return allowed;
  }

  /**
   * The number of different (package, core) pairs of {@code /proc/cpuinfo}; 0 if it names none.
   *
   * @param allowed the processors that count; empty for all
   */
  static int physicalCores(List<String> cpuinfo, BitSet allowed) {
    Set<String> cores = new HashSet<>();
    boolean counts = true;
    String socket = "";
    for (String line : cpuinfo) {
      if (line.startsWith("processor")) {
        counts = allowed.isEmpty() || allowed.get(Integer.parseInt(value(line)));
      } else if (line.startsWith("physical id")) {
        socket = value(line);
      } else if (line.startsWith("core id") && counts) {
        cores.add(socket + "/" + value(line));
      }
    }
    return cores.size();
  }

  private static String value(String line) {
    return line.substring(line.indexOf(':') + 1).trim();
  }
}
