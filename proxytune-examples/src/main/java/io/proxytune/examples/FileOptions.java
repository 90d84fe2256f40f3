package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A file of prompts in place of one prompt. */
final class FileOptions {
  private static final int MOST_AT_ONCE = 1 << 12;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "A prompt a line, as JSON: {\"id\": ..., \"prompt\": TEXT}, or \"messages\": [...], or"
              + " \"ids\": [...]; beside it any option of sampling, length and stops under its name"
              + " here, such as \"max_new_tokens\": 20.")
  private @Nullable Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where the results of --input go, a line each as they finish. A run that was ended goes"
              + " on where it was.")
  private @Nullable Path output;

  @Option(names = "--in-order", description = "Write results in the order of --input.")
  private boolean inOrder;

  @Option(
      names = "--at-once",
      paramLabel = "COUNT",
      description = "The most texts of --input that are generated at once; 32 if not given.")
  private @Nullable Integer atOnce;

  /** Whether there is a file of prompts. */
  boolean given() {
    return input != null;
  }

  void check() {
    Usage.check(
        (input == null) == (output == null),
        "--input and --output go together: give both files, or neither");
    Usage.check(
        input != null || (!inOrder && atOnce == null), "--in-order and --at-once need --input");
    Usage.check(
        atOnce == null || (atOnce >= 1 && atOnce <= MOST_AT_ONCE),
        "--at-once must be from 1 to %s, got %s",
        MOST_AT_ONCE,
        atOnce);
  }

  Path input() {
    return requireNonNull(input);
  }

  Path output() {
    return requireNonNull(output);
  }

  /** Whether a file is one of these. */
  boolean uses(Path file) {
    return Stream.of(Optional.ofNullable(input), Optional.ofNullable(output))
        .flatMap(Optional::stream)
        .anyMatch(used -> normal(used).equals(normal(file)));
  }

  private static Path normal(Path file) {
    return file.toAbsolutePath().normalize();
  }

  boolean inOrder() {
    return inOrder;
  }

  int atOnce() {
    return atOnce == null ? 32 : atOnce;
  }
}
