package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The control groups that Linux counts this process to, of version 1 and 2. A group lies in others,
 * and each of them may set a limit for all that is in it: the JVM and most programs look at the
 * innermost or at the outermost alone.
 *
 * <p>Immutable.
 */
final class ControlGroups {
  private static final String VERSION_2 = "";

  private final List<Path> unified;
  private final List<Path> cpu; // version 1, as the next one
  private final List<Path> memory;

  /** Each a list of groups, from the process's own to the outermost. */
  private ControlGroups(List<Path> unified, List<Path> cpu, List<Path> memory) {
    this.unified = unified;
    this.cpu = cpu;
    this.memory = memory;
  }

  /** Those of this process; none where the system is not Linux. */
  static ControlGroups ofThisProcess() {
    return of(Path.of("/proc/self"), Path.of("/"));
  }

  /**
   * Those of a process.
   *
   * @param process its folder in {@code /proc}
   * @param root what the names of mounted folders begin at
   */
  static ControlGroups of(Path process, Path root) {
    List<String> groups = lines(process.resolve("cgroup"));
    List<Mount> mounts =
        lines(process.resolve("mountinfo")).stream()
            .flatMap(line -> Mount.parse(line).stream())
            .toList();
    return new ControlGroups(
        chain(VERSION_2, groups, mounts, root),
        chain("cpu", groups, mounts, root),
        chain("memory", groups, mounts, root));
  }

  /**
   * A folder that groups are to be seen in.
   *
   * @param group the group that is seen as the folder, which in a container is the container's own
   * @param folder where it is
   * @param controllers of version 1; {@link #VERSION_2} alone for the other
   */
  private record Mount(String group, String folder, List<String> controllers) {
    private static final int GROUP = 3;
    private static final int FOLDER = 4;

    /** A line of {@code mountinfo}: the file system's type comes behind a dash. */
    static Optional<Mount> parse(String line) {
      String[] halves = line.split(" - ", 2);
      String[] left = halves[0].split(" ", -1);
      String[] right = halves.length == 2 ? halves[1].split(" ", -1) : new String[0];
      if (left.length <= FOLDER || right.length != 3 || !right[0].startsWith("cgroup")) {
        return Optional.empty();
      }
      boolean second = right[0].equals("cgroup2");
      List<String> controllers =
          second ? List.of(VERSION_2) : Arrays.asList(right[2].split(",", -1));
      return Optional.of(new Mount(plain(left[GROUP]), plain(left[FOLDER]), controllers));
    }

    /** Linux writes blanks as octal numbers. */
    private static String plain(String name) {
      return name.replace("\\040", " ");
    }
  }

  private static List<Path> chain(
      String controller, List<String> groups, List<Mount> mounts, Path root) {
    for (Mount mount : mounts) {
      Optional<String> group = own(controller, groups);
      if (mount.controllers.contains(controller) && group.isPresent()) {
        return chain(root.resolve(mount.folder.substring(1)), inside(group.get(), mount.group));
      }
    }
    return List.of();
  }

  /** The group's name in {@code /proc/…/cgroup}, as {@code 4:cpu,cpuacct:/name}. */
  private static Optional<String> own(String controller, List<String> groups) {
    return groups.stream()
        .map(line -> line.split(":", 3))
        .filter(parts -> parts.length == 3)
        .filter(parts -> Arrays.asList(parts[1].split(",", -1)).contains(controller))
        .map(parts -> parts[2])
        .findFirst();
  }

  /** A group's path in the folder that another one is seen as; empty for what can't be seen. */
  private static String inside(String group, String seen) {
    String outer = seen.equals("/") ? "" : seen;
    boolean visible = (group + "/").startsWith(outer + "/") && !group.contains("/..");
    return visible ? group.substring(outer.length()) : "";
  }

  private static List<Path> chain(Path mount, String group) {
    List<Path> chain = new ArrayList<>();
    Path inner = mount.resolve(group.replaceFirst("^/+", "")).normalize();
    for (Path folder = inner;
        folder != null && folder.startsWith(mount);
        folder = folder.getParent()) {
      chain.add(folder);
    }
    return chain;
  }

  /** How many processors' time the process may use; nothing where it is not limited. */
  OptionalDouble cpus() {
    return Stream.concat(
            unified.stream().map(ControlGroups::quota), cpu.stream().map(ControlGroups::oldQuota))
        .flatMap(Optional::stream)
        .mapToDouble(Double::doubleValue)
        .min();
  }

  /** {@code cpu.max}: quota and period, or {@code max} and period. */
  private static Optional<Double> quota(Path group) {
    return lines(group.resolve("cpu.max")).stream()
        .findFirst()
        .map(line -> line.trim().split("\\s+", -1))
        .filter(parts -> parts.length == 2)
        .flatMap(parts -> share(parts[0], parts[1]));
  }

  private static Optional<Double> oldQuota(Path group) {
    return share(
        first(group.resolve("cpu.cfs_quota_us")), first(group.resolve("cpu.cfs_period_us")));
  }

  private static Optional<Double> share(String quota, String period) {
    OptionalLong used = number(quota);
    OptionalLong of = number(period);
    return used.isPresent() && of.isPresent() && used.getAsLong() > 0 && of.getAsLong() > 0
        ? Optional.of((double) used.getAsLong() / of.getAsLong())
        : Optional.empty();
  }

  /**
   * The memory that is left, in bytes; nothing where it is not limited. Cached files count as used
   * but give way.
   */
  OptionalLong freeMemory() {
    return Stream.concat(
            unified.stream()
                .map(group -> left(group, "memory.max", "memory.current", "inactive_file")),
            memory.stream()
                .map(
                    group ->
                        left(
                            group,
                            "memory.limit_in_bytes",
                            "memory.usage_in_bytes",
                            "total_inactive_file")))
        .flatMapToLong(OptionalLong::stream)
        .min();
  }

  private static OptionalLong left(Path group, String limitFile, String usedFile, String cached) {
    OptionalLong limit = number(first(group.resolve(limitFile)));
    OptionalLong used = number(first(group.resolve(usedFile)));
    if (limit.isEmpty() || used.isEmpty()) {
      return OptionalLong.empty();
    }
    long taken = used.getAsLong() - statistic(lines(group.resolve("memory.stat")), cached);
    return OptionalLong.of(Math.max(0, limit.getAsLong() - Math.max(0, taken)));
  }

  /** A line of {@code memory.stat}; 0 if there is none. */
  private static long statistic(List<String> memoryStat, String name) {
    return memoryStat.stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> number(line.substring(name.length() + 1)))
        .flatMapToLong(OptionalLong::stream)
        .sum();
  }

  /** No limit is {@code max}, -1, or 19 digits. */
  private static OptionalLong number(String text) {
    return text.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  private static String first(Path file) {
    return lines(file).stream().findFirst().orElse("").trim();
  }

  /** Names of groups may be in any encoding. */
  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException | SecurityException e) {
      return List.of(); // not Linux, no such controller, or not for this process to see
    }
  }
}
