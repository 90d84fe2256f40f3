package io.proxytune.examples.study;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Lists;
import io.proxytune.ChatMessage;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.world.Problem;
import java.util.List;
import java.util.Map;

/**
 * Problems of a task, answered greedily. Immutable.
 *
 * @param problems at least one
 */
record Problems(List<Problem> problems) implements Examination {
  /** Whether the answer ends, with the expected result. */
  static final String RIGHT = "right";

  /** Whether the answer tells the facts that the result follows from. */
  static final String FACTS = "facts";

  private static final int BATCH = 64;

  /** The longest right answer has 26 tokens. */
  private static final int LONGEST = 32;

  Problems {
    problems = List.copyOf(problems);
  }

  @Override
  public List<String> metrics() {
    return List.of(RIGHT, FACTS);
  }

  @Override
  public String settings() {
    return problems.toString();
  }

  @Override
  public Map<String, ItemScores> scores(ProxyTuner tuner, boolean templated) {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(LONGEST);
    ImmutableListMultimap.Builder<String, Double> right = ImmutableListMultimap.builder();
    ImmutableListMultimap.Builder<String, Double> facts = ImmutableListMultimap.builder();
    for (List<Problem> batch : Lists.partition(problems, BATCH)) {
      List<Prompt> prompts = batch.stream().map(it -> prompt(it, templated)).toList();
      List<Generation> answers = tuner.generateAll(prompts, options);
      for (int i = 0; i < batch.size(); i++) {
        Problem problem = batch.get(i);
        right.put(problem.kind(), isRight(problem, answers.get(i)) ? 1.0 : 0.0);
        facts.put(problem.kind(), problem.isFoundedIn(answers.get(i).text()) ? 1.0 : 0.0);
      }
    }
    return Map.of(RIGHT, new ItemScores(right.build()), FACTS, new ItemScores(facts.build()));
  }

  private static Prompt prompt(Problem problem, boolean templated) {
    return templated
        ? Prompt.chat(ChatMessage.user(problem.prompt()))
        : Prompt.of(problem.prompt());
  }

  private static boolean isRight(Problem problem, Generation answer) {
    return answer.finishReason() == FinishReason.END_OF_TEXT && problem.isSolvedBy(answer.text());
  }
}
