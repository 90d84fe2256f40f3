package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.RewardedText;
import io.proxytune.Role;
import io.proxytune.Search;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.decode.RequestControl;
import io.proxytune.core.decode.Sequence;
import io.proxytune.core.decode.SequenceFactory;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.sampling.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One search: chunks of several texts, of which those with the largest rewards go on. */
final class RewardSearch {
  private static final Comparator<RewardedText> BEST_FIRST =
      Comparator.comparingDouble(RewardedText::reward).reversed();

  private final SequenceFactory sequences;
  private final Runner runner;
  private final Prompt prompt;
  private final Search search;
  private final GenerationOptions options;
  private final RequestControl control;
  private final long seed;

  /** Decodes families of texts together. */
  interface Runner {
    /** The texts, in the order of the families and in them. */
    List<Generation> run(List<List<Sequence>> families, RequestControl control);
  }

  /**
   * Prepares a search.
   *
   * @param control what can end all of it from outside
   */
  RewardSearch(
      SequenceFactory sequences,
      Runner runner,
      Prompt prompt,
      Search search,
      GenerationOptions options,
      RequestControl control) {
    this.sequences = sequences;
    this.runner = runner;
    this.prompt = prompt;
    this.search = search;
    this.options = options.logprobs() ? options : options.withLogprobs(0);
    this.control = control;
    this.seed = Seeds.givenOrDrawn(options.seed());
  }

  /** Refuses models that give no rewards. */
  static void check(Ensemble ensemble) {
    checkArgument(
        ensemble.steered(),
        "a search rewards texts by an expert pair, and this tuner has none: give"
            + " ProxyTunerBuilder.pair(expert, antiExpert, 0) one that does not steer, or another"
            + " alpha for one that does");
    checkArgument(
        ensemble.pairs().stream().allMatch(pair -> pair.antiExpert().isPresent()),
        "a search rewards texts by expert pairs, and the fusion of this tuner adds a source alone,"
            + " which has no anti-expert");
  }

  /** The texts of the last chunk, the best first. */
  List<RewardedText> run() {
    int end = search.chunkTokens();
    List<RewardedText> texts = ranked(first(end));
    List<RewardedText> kept = best(texts);
    while (kept.stream().anyMatch(text -> goesOn(text.generation()))) {
      end = (int) Math.min(Integer.MAX_VALUE, (long) end + search.chunkTokens());
      texts = ranked(next(kept, end));
      kept = best(texts);
    }
    return texts;
  }

  private List<Generation> first(int end) {
    return runner.run(List.of(stretches(Optional.empty(), end, 0, (int) search.texts())), control);
  }

  /** What has ended stays, and what goes on has successors. */
  private List<Generation> next(List<RewardedText> kept, int end) {
    List<Generation> texts = new ArrayList<>();
    List<List<Sequence>> families = new ArrayList<>();
    for (RewardedText text : kept) {
      if (goesOn(text.generation())) {
        int from = families.size() * search.successors();
        families.add(stretches(Optional.of(text.generation()), end, from, search.successors()));
      } else {
        texts.add(text.generation());
      }
    }
    texts.addAll(runner.run(families, control));
    return texts;
  }

  private List<Sequence> stretches(Optional<Generation> before, int end, int from, int count) {
    long[] seeds =
        IntStream.range(from, from + count).mapToLong(i -> Seeds.derive(seed, i)).toArray();
    return sequences.stretches(prompt, before, end, options, seeds, control);
  }

  /** Whether nothing but the end of its chunk ended it. */
  private boolean goesOn(Generation text) {
    return text.finishReason() == FinishReason.MAX_NEW_TOKENS
        && text.tokenIds().size() < options.maxNewTokens(text.promptTokenIds().size());
  }

  private static List<RewardedText> ranked(List<Generation> texts) {
    return texts.stream()
        .map(text -> new RewardedText(text, reward(text)))
        .sorted(BEST_FIRST)
        .toList();
  }

  private List<RewardedText> best(List<RewardedText> ranked) {
    return ranked.subList(0, Math.min(search.beams(), ranked.size()));
  }

  /** What is no number, an infinite gain less an infinite loss, is worth nothing. */
  private static double reward(Generation text) {
    double sum =
        text.tokens().stream()
            .map(Token::logprobs)
            .flatMap(Stream::ofNullable)
            .mapToDouble(RewardSearch::reward)
            .sum();
    return Double.isNaN(sum) ? Double.NEGATIVE_INFINITY : sum;
  }

  /** An anti-expert comes behind its expert. */
  private static double reward(TokenLogprobs token) {
    double reward = 0;
    double expert = 0;
    for (TokenLogprobs.OfRole role : token.roles()) {
      if (role.role() == Role.EXPERT) {
        expert = role.logprob();
      } else if (role.role() == Role.ANTI_EXPERT && expert != role.logprob()) {
        reward += expert - role.logprob();
      }
    }
    return reward;
  }
}
