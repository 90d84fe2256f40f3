package io.proxytune.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs JMH with its own command line, then prints what was measured beside what is wanted, and with
 * {@code -Dproxytune.bench.table=FILE} writes it to a file too.
 */
public final class Benchmarks {
  private Benchmarks() {}

  /**
   * Runs the benchmarks.
   *
   * @param args JMH's arguments, such as a part of a benchmark's name; none runs everything
   * @throws RunnerException if JMH can't run
   * @throws CommandLineOptionException if an argument is wrong
   * @throws IOException if the help can't be printed or the table can't be written
   */
  public static void main(String... args)
      throws RunnerException, CommandLineOptionException, IOException {
    CommandLineOptions options = new CommandLineOptions(args);
    if (options.shouldHelp()) {
      options.showHelp();
    } else if (options.shouldList()) {
      new Runner(options).list();
    } else {
      Runner runner =
          new Runner(new OptionsBuilder().parent(options).addProfiler(Samples.class).build());
      print(runner.run(), args);
    }
  }

  private static void print(Collection<RunResult> results, String... args) throws IOException {
    ResultTable table = ResultTable.of(results);
    if (table.isEmpty()) {
      return;
    }
    System.out.printf("%n%s%n%n%s", Machine.describe(), table.markdown());
    String file = System.getProperty("proxytune.bench.table");
    if (file != null) {
      Files.writeString(
          Path.of(file),
          "## "
              + Machine.describe()
              + "\n\n`"
              + Machine.command(args)
              + "`\n\n"
              + table.markdown());
    }
  }
}
