package io.proxytune.examples;

import picocli.CommandLine.Option;

/** What is printed besides the result. */
final class OutputOptions {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--quiet", description = "Show no progress.")
  private boolean quiet;

  boolean json() {
    return json;
  }

  /** Whether progress is of no interest. */
  boolean quiet() {
    return quiet || json;
  }
}
