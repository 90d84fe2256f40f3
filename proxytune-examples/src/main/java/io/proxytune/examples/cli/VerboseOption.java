package io.proxytune.examples.cli;

import picocli.CommandLine.Option;

/** The option that every command has; {@link App} looks for it, also where parsing fails. */
public final class VerboseOption {
  @SuppressWarnings("unused")
  @Option(names = "--verbose", description = "Show the stack trace of an error.")
  private boolean verbose;
}
