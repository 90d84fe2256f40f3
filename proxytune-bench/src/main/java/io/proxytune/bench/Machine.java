package io.proxytune.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Says on what a run was measured, and how. */
final class Machine {
  private Machine() {}

  /** Date, processor, memory, system and JDK. */
  static String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %s, %d processors, %.0f GiB, %s %s, JDK %s",
        LocalDate.now(ZoneOffset.UTC),
        processor(),
        Runtime.getRuntime().availableProcessors(),
        memory() / (double) (1L << 30),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        System.getProperty("java.version"));
  }

  /** The command, without the folders of this machine. */
  static String command(String... args) {
    List<String> options =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> !option.startsWith("-Dproxytune.bench."))
            .toList();
    Stream<String> jar = Stream.of("-jar", "proxytune-bench/target/benchmarks.jar");
    return Stream.of(Stream.of("java"), options.stream(), jar, Stream.of(args))
        .flatMap(part -> part)
        .reduce((left, right) -> left + " " + right)
        .orElseThrow();
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }
}
