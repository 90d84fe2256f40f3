package io.proxytune.examples.cli;

import picocli.CommandLine.Option;

/** What is printed besides the result. */
public final class OutputOptions {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--quiet", description = "Show no progress.")
  private boolean quiet;

  public boolean json() {
    return json;
  }

  /** Whether progress is of no interest. */
  public boolean quiet() {
    return quiet || json;
  }
}
