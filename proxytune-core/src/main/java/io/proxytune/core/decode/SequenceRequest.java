package io.proxytune.core.decode;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Maps;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.core.constraint.VocabularyConstraint;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.session.SessionPlan;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one sequence is to be.
 *
 * @param steering what it has in common with texts that are fused with it
 * @param plan its sessions and prompts
 * @param options what the application asked for
 * @param ends the ids that end it
 * @param stage which part of the text is generated
 * @param constraint the form that its text must have; null for any
 * @param seed the seed of its noise
 * @param control what can end it from outside
 */
record SequenceRequest(
    Steering steering,
    SessionPlan plan,
    GenerationOptions options,
    EndIds ends,
    Stage stage,
    @Nullable VocabularyConstraint constraint,
    long seed,
    RequestControl control) {
  SequenceRequest {
    int prompt = plan.basePrompt().length - stage.given().size();
    checkArgument(
        options.maxNewTokens(prompt) >= 1,
        "the base's prompt has %s tokens, and a text of at most %s with the prompt has no room for"
            + " a new one: shorten the prompt, or raise GenerationOptions.withMaxLength or use"
            + " withMaxNewTokens (--max-new-tokens) instead",
        prompt,
        options.maxNewTokens(prompt) + prompt);
  }

  ModelRole base() {
    return steering.base();
  }

  /** The bytes of its KV caches, or where another has read the prompt, of what comes behind it. */
  long cacheBytes(boolean forked) {
    return forked ? plan.forkBytes(newTokens()) : plan.cacheBytes(newTokens());
  }

  /** What the base reads before the text; not changed by anyone. */
  int[] basePrompt() {
    int given = stage.given().size();
    int[] read = plan.basePrompt();
    return given == 0 ? read : Arrays.copyOf(read, read.length - given);
  }

  /** The most tokens of the text. */
  int maxNewTokens() {
    return options.maxNewTokens(promptLength());
  }

  /** The most tokens of the text that there are after this stage. */
  int end() {
    return Math.min(maxNewTokens(), stage.end());
  }

  /** The most tokens that are generated now. */
  int newTokens() {
    return end() - stage.given().size();
  }

  int minNewTokens() {
    return options.minNewTokens(promptLength());
  }

  private int promptLength() {
    return plan.basePrompt().length - stage.given().size();
  }

  SamplingPlan samplingPlan() {
    return new SamplingPlan(
        options.sampler(),
        seed,
        options.penalties(),
        options.logitBias(),
        options.bannedIds(),
        options.processors(),
        minNewTokens(),
        ends.all(),
        options.constraints(),
        maxNewTokens(),
        constraint);
  }

  /**
   * How a drafter picks tokens: as nearly the same as it can without the application's code. Ids
   * that it has no logit for have neither bias nor, since any may have been seen, penalties.
   *
   * @param width the number of the drafter's logits
   */
  SamplingPlan draftPlan(int width) {
    boolean narrow = width < base().source().width();
    return new SamplingPlan(
        options.sampler() instanceof StandardSampler ? options.sampler() : Sampler.greedy(),
        seed,
        narrow ? Penalties.NONE : options.penalties(),
        Maps.filterKeys(options.logitBias(), id -> id < width),
        options.bannedIds(),
        List.of(),
        minNewTokens(),
        ends.all(),
        options.constraints(),
        maxNewTokens(),
        constraint);
  }
}
