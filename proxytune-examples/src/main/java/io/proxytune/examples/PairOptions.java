package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** One expert pair; naming an option again begins the next pair. */
final class PairOptions {
  @Option(
      names = "--expert",
      paramLabel = "DIR",
      description = "A tuned small model. Repeat the three options for further pairs.")
  private @Nullable Path expert;

  @Option(names = "--anti-expert", paramLabel = "DIR", description = "The same model untuned.")
  private @Nullable Path antiExpert;

  @Option(
      names = "--alpha",
      paramLabel = "A",
      description = "How strongly the pair steers: 1 if not given; negative steers away.")
  private @Nullable Double alpha;

  void check() {
    Usage.check(
        expert != null || antiExpert != null,
        "--alpha %s was given without experts: add --expert DIR and --anti-expert DIR",
        alpha);
    Usage.check(expert != null, "--anti-expert %s has no --expert DIR beside it", antiExpert);
    Usage.check(antiExpert != null, "--expert %s has no --anti-expert DIR beside it", expert);
    Usage.check(Double.isFinite(alpha()), "--alpha must be a finite number, got %s", alpha);
  }

  Path expert() {
    return requireNonNull(expert);
  }

  Path antiExpert() {
    return requireNonNull(antiExpert);
  }

  double alpha() {
    return alpha == null ? 1.0 : alpha;
  }
}
