package io.proxytune.examples;

import io.proxytune.ProxyTuneException;
import io.proxytune.examples.cli.Cancellation;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what went wrong, and which exit status that is. */
final class ErrorReport {
  static final int BAD_INPUT = 2;
  static final int INTERNAL = 1;
  static final int INTERRUPTED = 130;

  private final PrintStream err;
  private final Cancellation cancellation;
  private final boolean verbose;

  ErrorReport(PrintStream err, Cancellation cancellation, boolean verbose) {
    this.err = err;
    this.cancellation = cancellation;
    this.verbose = verbose;
  }

  /** Reports options that can't be parsed. */
  int badUsage(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    print(e.getMessage() + suggestion(e) + " (see " + command + " --help)", e);
    return BAD_INPUT;
  }

  private static String suggestion(ParameterException e) {
    List<String> names =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    return names.isEmpty() ? "" : "; did you mean " + String.join(" or ", names) + "?";
  }

  /** Reports a command that failed. */
  int failed(Throwable e) {
    if (cancellation.isRequested()) {
      return INTERRUPTED;
    }
    if (isBadInput(e)) {
      print(message(e), e);
      return BAD_INPUT;
    }
    if (e instanceof OutOfMemoryError) {
      print(
          "out of memory ("
              + message(e)
              + "): ask for less at once (--n, --max-new-tokens), or give"
              + " Java more with JAVA_TOOL_OPTIONS=-Xmx8g",
          e);
      return BAD_INPUT;
    }
    String hint = verbose ? "" : " (--verbose shows where)";
    print("internal error: " + e.getClass().getName() + ": " + message(e) + hint, e);
    return INTERNAL;
  }

  private static boolean isBadInput(Throwable e) {
    return e instanceof IllegalArgumentException
        || e instanceof IllegalStateException
        || e instanceof ProxyTuneException
        || e instanceof IOException
        || e instanceof UncheckedIOException;
  }

  private static String message(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private void print(String message, Throwable e) {
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
    err.println(String.format(Locale.ROOT, "proxytune: %s", line));
    if (verbose) {
      e.printStackTrace(err);
    }
  }
}
