package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.GenerationOptions;
import io.proxytune.examples.cli.TextFiles;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.trace.TokenClasses;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A page about what steering changed. */
final class ReportOptions {
  /** So many of the likeliest tokens are looked at, unless more are asked for. */
  private static final int TOP = 10;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Also write one HTML page about what steering changed, beside what the base alone writes;"
              + " it needs no network.")
  private @Nullable Path file;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "Classes of tokens that --report counts apart: {\"NAME\": [\"REGEX\", ...]}; what a"
              + " regular expression finds in a text is of the class.")
  private @Nullable Path classesFile;

  private TokenClasses classes = TokenClasses.NONE;

  /** Whether a page is asked for. */
  boolean given() {
    return file != null;
  }

  /** Refuses what can't work, before anything is loaded. */
  void check(FileOptions files, boolean steered, InputStream in) {
    Usage.check(file != null || classesFile == null, "--classes needs --report");
    if (file == null) {
      return;
    }
    Usage.check(
        steered,
        "--report says what steering changed, and nothing steers: add --expert MODEL and"
            + " --anti-expert MODEL");
    TraceOptions.checkFile("--report", file, files);
    if (classesFile != null) {
      classes =
          TokenClasses.parse(
              "--classes " + classesFile, TextFiles.read("--classes", classesFile, in));
    }
  }

  /** Asks for what the page is made of. */
  GenerationOptions applyTo(GenerationOptions options) {
    return file == null
        ? options
        : options.withTrace(true).withLogprobs(Math.max(TOP, options.topLogprobs()));
  }

  Path file() {
    return requireNonNull(file);
  }

  TokenClasses classes() {
    return classes;
  }
}
