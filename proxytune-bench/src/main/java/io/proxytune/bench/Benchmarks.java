package io.proxytune.bench;

import java.io.IOException;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** Runs JMH with its own command line, then prints how far a step is from the memory's speed. */
public final class Benchmarks {
  private Benchmarks() {}

  /**
   * Runs the benchmarks.
   *
   * @param args JMH's arguments; none runs everything
   * @throws RunnerException if a benchmark fails
   * @throws CommandLineOptionException if an argument is wrong
   * @throws IOException if the help can't be printed
   */
  public static void main(String... args)
      throws RunnerException, CommandLineOptionException, IOException {
    CommandLineOptions options = new CommandLineOptions(args);
    Runner runner = new Runner(options);
    if (options.shouldHelp()) {
      options.showHelp();
    } else if (options.shouldList()) {
      runner.list();
    } else {
      printRatios(runner.run());
    }
  }

  private static void printRatios(Collection<RunResult> results) {
    Map<String, Double> milliseconds = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark().replaceAll("^.*\\.(\\w+\\.\\w+)$", "$1");
      milliseconds.put(name, result.getPrimaryResult().getScore());
    }
    Double bound = milliseconds.get("MemoryBandwidthBenchmark.read");
    if (bound == null) {
      return;
    }
    double gigabytes = MemoryBandwidthBenchmark.BYTES / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%nMemory: %.2f GB in %.2f ms, %.1f GB/s%n",
        gigabytes,
        bound,
        gigabytes / bound * 1e3);
    double perByte = bound / MemoryBandwidthBenchmark.BYTES;
    int position = ThreeModelStepBenchmark.POSITION;
    double base = ModelShape.BASE.bytesPerStep(position) * perByte;
    double small = ModelShape.SMALL.bytesPerStep(position) * perByte;
    System.out.printf(Locale.ROOT, "%-18s %9s %9s %8s%n", "step", "ms", "bound ms", "bound/ms");
    printRatio(milliseconds, "baseAlone", base);
    printRatio(milliseconds, "expertAlone", small);
    printRatio(milliseconds, "antiExpertAlone", small);
    printRatio(milliseconds, "wholeStep", bound);
    printShare(milliseconds, "fusionAndGreedy");
    printShare(milliseconds, "fusionAndTopP");
  }

  private static void printRatio(Map<String, Double> milliseconds, String name, double bound) {
    Double own = milliseconds.get("ThreeModelStepBenchmark." + name);
    if (own != null) {
      System.out.printf(Locale.ROOT, "%-18s %9.2f %9.2f %8.2f%n", name, own, bound, bound / own);
    }
  }

  private static void printShare(Map<String, Double> milliseconds, String name) {
    Double own = milliseconds.get("ThreeModelStepBenchmark." + name);
    Double whole = milliseconds.get("ThreeModelStepBenchmark.wholeStep");
    if (own != null && whole != null) {
      System.out.printf(
          Locale.ROOT, "%-18s %9.2f   %.2f %% of the whole step%n", name, own, own / whole * 100);
    }
  }
}
