package io.proxytune.examples.experiments;

import io.proxytune.core.Quantization;
import io.proxytune.examples.cli.WorkBar;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Measures a model on windows of text. For one thread. */
final class QuantizationExperiment {
  private static final int WRITTEN = 48;

  private final List<int[]> windows;
  private final WorkBar bar;

  QuantizationExperiment(List<int[]> windows, WorkBar bar) {
    this.windows = windows;
    this.bar = bar;
  }

  /** Cuts ids into windows one after the other; a last one of fewer than 2 ids predicts nothing. */
  static List<int[]> cut(int[] ids, int window) {
    List<int[]> windows = new ArrayList<>();
    for (int from = 0; from < ids.length - 1; from += window) {
      windows.add(Arrays.copyOfRange(ids, from, Math.min(ids.length, from + window)));
    }
    windows.removeIf(each -> each.length < 2);
    return windows;
  }

  /** Each window begins anew, and its first token is given. */
  RoundedModel measure(LogitModel model, Quantization quantization, long bytes) {
    NextLogits.after(model, windows.get(0)); // what runs for the first time is slower
    double loss = 0;
    long predicted = 0;
    long read = 0;
    long nanoseconds = 0;
    for (int[] window : windows) {
      long start = System.nanoTime();
      try (LogitSession session = model.newSession(window.length);
          Logits logits = model.forward(List.of(new Segment(session, window, Segment.Rows.ALL)))) {
        nanoseconds += System.nanoTime() - start;
        loss += loss(model, logits, window);
      }
      read += window.length;
      predicted += window.length - 1;
      bar.step(1);
    }
    double perSecond = read / (nanoseconds / 1e9);
    return new RoundedModel(
        quantization, bytes, predicted, loss / predicted, perSecond, written(model));
  }

  private static double loss(LogitModel model, Logits logits, int[] window) {
    double loss = 0;
    for (int i = 0; i + 1 < window.length; i++) {
      loss -= NextLogits.logprobs(model, logits.row(i))[window[i + 1]];
    }
    return loss;
  }

  /** From the median step: other work on the machine spoils a mean. */
  private double written(LogitModel model) {
    int[] ids = windows.stream().flatMapToInt(Arrays::stream).limit(WRITTEN).toArray();
    int count = Math.min(ids.length, model.contextLength());
    long[] nanoseconds = new long[count];
    try (LogitSession session = model.newSession(count)) {
      for (int i = 0; i < count; i++) {
        long start = System.nanoTime();
        int[] one = {ids[i]};
        model.forward(List.of(new Segment(session, one, Segment.Rows.LAST))).close();
        nanoseconds[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanoseconds);
    return 1e9 / nanoseconds[count / 2];
  }
}
