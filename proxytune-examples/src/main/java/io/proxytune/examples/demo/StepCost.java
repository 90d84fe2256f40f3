package io.proxytune.examples.demo;

import io.proxytune.GenerationOptions;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.examples.evaluation.ModelAnswerer;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.Arrays;
import java.util.List;

/** Times single decoding steps. */
final class StepCost {
  private static final int STEPS = 40;
  private static final int WARM_UP = 10;

  private StepCost() {}

  /** The median milliseconds of a forward pass of one token, after a prompt. */
  static double milliseconds(LogitModel model, int[] prompt) {
    int room = Math.min(model.contextLength(), prompt.length + STEPS + WARM_UP);
    int steps = room - prompt.length;
    double[] times = new double[steps];
    try (LogitSession session = model.newSession(room)) {
      model.forward(List.of(new Segment(session, prompt, Segment.Rows.LAST))).close();
      int[] token = {prompt[prompt.length - 1]};
      for (int i = 0; i < steps; i++) {
        times[i] = time(model, new Segment(session, token, Segment.Rows.LAST));
      }
    }
    return median(times, Math.min(WARM_UP, steps - 1));
  }

  private static double time(LogitModel model, Segment segment) {
    long start = System.nanoTime();
    try (Logits logits = model.forward(List.of(segment))) {
      logits.row(0); // waits for the device
      return (System.nanoTime() - start) / 1e6;
    }
  }

  static double median(double[] times, int from) {
    double[] sorted = Arrays.copyOfRange(times, from, times.length);
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Tokens a second of one long text. */
  static double tokensPerSecond(ModelAnswerer system, String message) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSpeculation(Speculation.off())
            .withIgnoreEndOfText(true)
            .withMaxNewTokens(STEPS);
    ProxyTuner tuner = system.tuner();
    tuner.generate(system.prompt(message), options.withMaxNewTokens(WARM_UP));
    return tuner.generate(system.prompt(message), options).stats().tokensPerSecond();
  }
}
