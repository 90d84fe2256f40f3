package io.proxytune.examples;

import io.proxytune.GenerationOptions;
import io.proxytune.Search;
import io.proxytune.StandardSampler;
import io.proxytune.examples.cli.Usage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a text is searched for among several, by what the experts say of them. */
final class SearchOptions {
  @Option(
      names = "--best-of",
      paramLabel = "COUNT",
      description =
          "Of so many sampled texts the one that the experts like best, by the sum of log expert -"
              + " log anti-expert over its tokens. With --alpha 0 the base alone writes them.")
  private @Nullable Integer bestOf;

  @Option(
      names = "--beam",
      paramLabel = "WIDTH",
      description =
          "So many texts are kept by that sum after each chunk of tokens, and several stretches"
              + " drawn behind each.")
  private @Nullable Integer beam;

  @Option(
      names = "--beam-successors",
      paramLabel = "COUNT",
      description = "How many stretches are drawn behind each, 4 if not given.")
  private @Nullable Integer successors;

  @Option(
      names = "--beam-chunk",
      paramLabel = "TOKENS",
      description = "The tokens of a chunk, 16 if not given.")
  private @Nullable Integer chunk;

  /**
   * The search that is asked for, if one is.
   *
   * @param rewarded whether there are pairs to reward texts
   */
  Optional<Search> search(boolean rewarded) {
    Usage.check(bestOf == null || beam == null, "--best-of and --beam exclude each other");
    Usage.check(
        beam != null || (successors == null && chunk == null),
        "--beam-successors and --beam-chunk need --beam WIDTH");
    if (bestOf == null && beam == null) {
      return Optional.empty();
    }
    Usage.check(
        rewarded,
        "--best-of and --beam reward texts by expert pairs: give --expert and --anti-expert, with"
            + " --alpha 0 if the base alone is to write");
    return Optional.of(
        bestOf != null
            ? Search.bestOf(bestOf)
            : Search.beam(orElse(beam, 1), orElse(successors, 4), orElse(chunk, 16)));
  }

  /** Refuses to draw several texts that would be the same. */
  static void checkSampled(Search search, GenerationOptions options) {
    boolean greedy = options.sampler() instanceof StandardSampler standard && standard.isGreedy();
    Usage.check(
        search.texts() == 1 || !greedy,
        "--best-of and --beam choose among texts that differ: give --temperature 1 or another"
            + " option of sampling");
  }

  private static int orElse(@Nullable Integer given, int other) {
    return given == null ? other : given;
  }
}
