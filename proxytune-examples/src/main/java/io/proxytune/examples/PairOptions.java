package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.examples.cli.Usage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** One expert pair; naming an option again begins the next pair. */
final class PairOptions {
  @Option(
      names = "--expert",
      paramLabel = "MODEL",
      description = "A tuned small model. Repeat these options for further pairs.")
  private @Nullable String expert;

  @Option(
      names = "--expert-adapter",
      paramLabel = "MODEL",
      description = "Instead of --expert: a LoRA adapter (PEFT folder) on the anti-expert.")
  private @Nullable String adapter;

  @Option(names = "--anti-expert", paramLabel = "MODEL", description = "The same model untuned.")
  private @Nullable String antiExpert;

  @Option(
      names = "--alpha",
      paramLabel = "A",
      description = "How strongly the pair steers: 1 if not given; negative steers away.")
  private @Nullable Double alpha;

  @Option(
      names = "--across-tokenizers",
      arity = "0..1",
      fallbackValue = "" + ExpertPair.CANDIDATES,
      paramLabel = "N",
      description =
          "The pair may have another tokenizer than the base: it reads texts in its own tokens, and"
              + " its offsets are translated by the tokens' bytes, which are looked up for the N"
              + " likeliest of the base's tokens, ${FALLBACK-VALUE} if not given.")
  private @Nullable Integer candidates;

  void check() {
    Usage.check(
        expert != null || adapter != null || antiExpert != null,
        "%s was given without experts: add --expert MODEL and --anti-expert MODEL",
        alpha == null ? "--across-tokenizers" : "--alpha " + alpha);
    Usage.check(
        candidates == null || candidates >= 0,
        "--across-tokenizers must be >= 0, got %s",
        candidates);
    Usage.check(
        expert == null || adapter == null,
        "--expert %s and --expert-adapter %s can't be one expert: give one of them",
        expert,
        adapter);
    Usage.check(given() != null, "--anti-expert %s has no --expert MODEL beside it", antiExpert);
    Usage.check(
        antiExpert != null,
        "%s %s has no --anti-expert MODEL beside it",
        isAdapter() ? "--expert-adapter" : "--expert",
        given());
    Usage.check(Double.isFinite(alpha()), "--alpha must be a finite number, got %s", alpha);
  }

  private @Nullable String given() {
    return isAdapter() ? adapter : expert;
  }

  /** Whether the expert is an adapter on the anti-expert. */
  boolean isAdapter() {
    return adapter != null;
  }

  /** A folder, or a name on the Hub. */
  String expert() {
    return requireNonNull(given());
  }

  /** A folder, or a name on the Hub. */
  String antiExpert() {
    return requireNonNull(antiExpert);
  }

  /** The same models as a pair, which may have another tokenizer than the base if that is said. */
  ExpertPair pair(LogitSource tuned, LogitSource untuned) {
    ExpertPair pair = new ExpertPair(tuned, untuned, alpha());
    return candidates == null ? pair : pair.acrossTokenizers(candidates);
  }

  boolean hasAlpha() {
    return alpha != null;
  }

  double alpha() {
    return alpha == null ? 1.0 : alpha;
  }
}
