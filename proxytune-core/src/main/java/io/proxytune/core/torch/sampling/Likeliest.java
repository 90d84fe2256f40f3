package io.proxytune.core.torch.sampling;

import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Candidates;
import io.proxytune.core.sampling.Filters;
import io.proxytune.core.sampling.Scale;
import java.util.Optional;

/** A row's likeliest tokens on the heap: often all that a filter keeps. Immutable. */
final class Likeliest {
  private final Scale scale;
  private final boolean isComplete;
  private final Candidates tokens;

  private Likeliest(double[] logits, double[] ids, int width, Scale scale, double logTotal) {
    this.scale = scale;
    this.tokens = Candidates.ofSome(logits, ids, scale, logTotal);
    this.isComplete = ids.length == width || tokens.size() < ids.length; // others are banned
  }

  /** What was asked of a row. */
  record Question(Download.Part logits, Download.Part ids, int width, Scale scale) {
    /**
     * The answer, once it was downloaded.
     *
     * @param logTotal the log of the row's sum of {@code exp(score)}; any number where no
     *     probability matters
     */
    Likeliest answer(double logTotal) {
      return new Likeliest(logits.values(), ids.values(), width, scale, logTotal);
    }
  }

  /** The tokens, likeliest first. */
  Candidates tokens() {
    return tokens;
  }

  /** Whether the row has no others that may be drawn. */
  boolean isComplete() {
    return isComplete;
  }

  /** No token that is not listed has a score above it. */
  double lowestScore() {
    return tokens.score(tokens.size() - 1);
  }

  /** Draws a token from these and others of the same row. */
  int draw(long noiseKey, double[] otherLogits, int[] otherIds) {
    return tokens.draw(noiseKey, otherLogits, otherIds, scale);
  }

  /**
   * Whether tokens not listed can neither be nor tie with one of the first.
   *
   * @param count how many of the first
   */
  boolean settles(int count) {
    return isComplete || tokens.score(count - 1) > lowestScore();
  }

  /** What a sampler keeps of the row, if this list tells; it does where the list is complete. */
  Optional<Candidates> kept(StandardSampler sampler) {
    if (isComplete) {
      return Optional.of(Filters.apply(tokens.first(tokens.size()), sampler));
    }
    return sampler.topK() > 0 ? keptByTopK(sampler) : keptByProbability(sampler);
  }

  private Optional<Candidates> keptByTopK(StandardSampler sampler) {
    int count = Filters.topK(tokens, sampler.topK());
    return settles(count)
        ? Optional.of(Filters.apply(tokens.first(count), sampler.withTopK(0)))
        : Optional.empty();
  }

  /** Top-p and min-p each keep some of the likeliest: one of them is enough to tell. */
  private Optional<Candidates> keptByProbability(StandardSampler sampler) {
    int byTopP = sampler.topP() < 1 ? Filters.topP(tokens, sampler.topP()) : tokens.size();
    int byMinP = sampler.minP() > 0 ? Filters.minP(tokens, sampler.minP()) : tokens.size();
    int count = Math.min(byTopP, byMinP);
    return settles(count)
        ? Optional.of(Filters.apply(tokens.first(count), sampler.withTopP(1).withMinP(0)))
        : Optional.empty();
  }
}
