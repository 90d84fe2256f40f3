package io.proxytune.examples.runtime;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times systems in turns, so that what else the machine does weighs on all alike; which goes first
 * changes from trial to trial. For one thread.
 */
public final class RuntimeTrials {
  private final List<RuntimeSystem> systems;
  private final int[] prompt;
  private final GenerationOptions options;

  /**
   * Prepares.
   *
   * @param systems what is timed, at least one
   * @param tokenizer the base's
   */
  public RuntimeTrials(List<RuntimeSystem> systems, Tokenizer tokenizer, RuntimeSetting setting) {
    this.systems = List.copyOf(systems);
    this.prompt = prompt(tokenizer, setting.promptTokens());
    this.options =
        GenerationOptions.defaults()
            .withMaxNewTokens(setting.newTokens())
            .withMinNewTokens(setting.newTokens());
  }

  /** The word of the paper's prompts, as often as there are tokens. */
  static int[] prompt(Tokenizer tokenizer, int tokens) {
    int[] ids = tokenizer.encode("hi ".repeat(tokens), true);
    checkState(ids.length >= tokens, "%s words have only %s tokens", tokens, ids.length);
    return Arrays.copyOf(ids, tokens);
  }

  /**
   * Times all systems; a trial that is not counted comes first.
   *
   * @param trials at least 1
   * @param written runs behind each text
   * @return the times of each system, in their order
   */
  public List<RuntimeTimes> run(int trials, Runnable written) {
    List<List<Double>> seconds = new ArrayList<>();
    systems.forEach(system -> seconds.add(new ArrayList<>()));
    long[] drafted = new long[systems.size()];
    long[] accepted = new long[systems.size()];
    for (int trial = -1; trial < trials; trial++) {
      for (int turn = 0; turn < systems.size(); turn++) {
        int system = Math.floorMod(turn + trial, systems.size());
        long start = System.nanoTime();
        Generation text = write(systems.get(system));
        if (trial >= 0) {
          seconds.get(system).add((System.nanoTime() - start) / 1e9);
          drafted[system] += text.stats().draftedTokens();
          accepted[system] += text.stats().acceptedTokens();
        }
        written.run();
      }
    }
    List<RuntimeTimes> times = new ArrayList<>();
    for (int i = 0; i < systems.size(); i++) {
      times.add(new RuntimeTimes(seconds.get(i), drafted[i], accepted[i]));
    }
    return times;
  }

  private Generation write(RuntimeSystem system) {
    Generation text =
        system
            .tuner()
            .generate(Prompt.ofIds(prompt), options.withSpeculation(system.speculation()));
    checkState(
        text.tokenIds().size() == options.maxNewTokens(),
        "%s wrote %s tokens instead of %s",
        system.name(),
        text.tokenIds().size(),
        options.maxNewTokens());
    return text;
  }
}
