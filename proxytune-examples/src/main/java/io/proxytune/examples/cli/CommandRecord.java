package io.proxytune.examples.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a result was made with, so that it can be made again: immutable.
 *
 * @param version the program's
 * @param date when, in ISO 8601
 * @param command the command line, as a shell takes it
 */
public record CommandRecord(String version, String date, String command) {
  /** Of the command that runs. */
  public static CommandRecord of(CommandSpec spec) {
    return of(spec.root().commandLine().getParseResult().originalArgs());
  }

  /** Of a command that runs with these arguments. */
  public static CommandRecord of(List<String> arguments) {
    return new CommandRecord(
        programVersion(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        arguments.stream().map(CommandRecord::quoted).collect(Collectors.joining(" ")));
  }

  private static String programVersion() {
    try {
      return new ProgramVersion().getVersion()[0].replaceFirst("^proxytune ", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String quoted(String argument) {
    return argument.matches("[\\w@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
