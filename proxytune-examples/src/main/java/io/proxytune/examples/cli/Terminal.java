package io.proxytune.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Where a command reads and writes, in UTF-8 whatever the platform's charset is.
 *
 * @param in standard input
 * @param out for results
 * @param err for all else
 * @param interactive whether a person watches
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive) {
  public static Terminal system() {
    PrintStream out = new PrintStream(System.out, false, UTF_8);
    PrintStream err = new PrintStream(System.err, true, UTF_8);
    return new Terminal(System.in, out, err, isTerminal(System.console()));
  }

  /** From JDK 22 on there may be a console without a terminal, which only a newer method tells. */
  private static boolean isTerminal(@Nullable Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException olderJdk) {
      return true;
    }
  }
}
