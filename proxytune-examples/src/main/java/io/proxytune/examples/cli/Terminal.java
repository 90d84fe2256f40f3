package io.proxytune.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
    // Not System.out, which keeps what goes wrong to itself.
    PrintStream out = new ResultStream(new FileOutputStream(FileDescriptor.out));
    PrintStream err = new PrintStream(System.err, true, UTF_8);
    return new Terminal(System.in, out, err, isTerminal(System.console()));
  }

  /**
   * Sees to it that all that was printed so far has been written.
   *
   * @throws UncheckedIOException if it can't be; the message says why
   */
  public void requireWritten() {
    if (!out.checkError()) { // flushes
      return;
    }
    IOException failure = out instanceof ResultStream results ? results.failure() : null;
    if (failure == null || isClosedPipe(failure)) {
      String problem = "standard output was closed before all was written";
      throw new UncheckedIOException(problem, new IOException(problem, failure));
    }
    throw new UncheckedIOException(
        "standard output can't be written: "
            + failure.getMessage()
            + "; what is there is cut short",
        failure);
  }

  private static boolean isClosedPipe(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("Broken pipe") || message.contains("pipe is being closed");
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
