package io.proxytune.examples.study;

import com.google.common.collect.ImmutableListMultimap;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.examples.tasks.Means;
import io.proxytune.examples.world.Job;
import java.util.List;
import java.util.Map;

/**
 * Programs for the jobs of the workshop, sampled as the paper samples code: how likely one of k is
 * right. All jobs' programs of one number are written together, with the same random numbers.
 * Immutable.
 *
 * @param jobs at least one
 * @param samples programs of each job, at least 10
 */
record Programs(List<Job> jobs, int samples) implements Examination {
  static final String PASS_1 = "pass@1";
  static final String PASS_10 = "pass@10";

  /** The longest right program has 48 tokens: four statements for each of three things. */
  private static final int LONGEST = 52;

  private static final double TEMPERATURE = 0.8;
  private static final double TOP_P = 0.95;

  Programs {
    jobs = List.copyOf(jobs);
  }

  @Override
  public List<String> metrics() {
    return List.of(PASS_1, PASS_10);
  }

  @Override
  public String settings() {
    return "%s programs at %s, %s of %s".formatted(samples, TEMPERATURE, TOP_P, jobs);
  }

  @Override
  public Map<String, ItemScores> scores(ProxyTuner tuner, boolean templated) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSampler(Sampler.temperature(TEMPERATURE).withTopP(TOP_P))
            .withMaxNewTokens(LONGEST);
    List<Prompt> prompts = jobs.stream().map(job -> Prompt.of(job.prompt())).toList();
    int[] right = new int[jobs.size()];
    for (int sample = 1; sample <= samples; sample++) {
      List<Generation> programs = tuner.generateAll(prompts, options.withSeed(sample));
      for (int i = 0; i < right.length; i++) {
        right[i] += isRight(jobs.get(i), programs.get(i)) ? 1 : 0;
      }
    }
    return Map.of(PASS_1, pass(1, jobs, right), PASS_10, pass(10, jobs, right));
  }

  private ItemScores pass(int k, List<Job> jobs, int[] right) {
    ImmutableListMultimap.Builder<String, Double> scores = ImmutableListMultimap.builder();
    for (int i = 0; i < right.length; i++) {
      scores.put(jobs.get(i).kind(), Means.passAtK(samples, right[i], k));
    }
    return new ItemScores(scores.build());
  }

  /** A text that goes on behind the program is no program. */
  private static boolean isRight(Job job, Generation program) {
    return program.finishReason() == FinishReason.END_OF_TEXT
        && job.problem(program.text()).isEmpty();
  }
}
