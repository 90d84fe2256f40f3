package io.proxytune.examples.training;

import io.proxytune.core.training.TrainingListener;
import io.proxytune.core.training.TrainingProgress;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.CommandContext;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how one training goes: a bar where a person watches, otherwise a line at every tenth. Stops
 * it when the command is to end. For one thread.
 */
final class TrainingMonitor implements TrainingListener, AutoCloseable {
  private static final int WIDTH = 100;
  private static final int LINES = 10;

  private final Cancellation cancellation;
  private final PrintStream err;
  private final String name;
  private final boolean interactive;
  private final boolean quiet;
  private @Nullable ProgressBar bar;

  TrainingMonitor(CommandContext context, String name, boolean quiet) {
    this.cancellation = context.cancellation();
    this.err = context.terminal().err();
    this.interactive = context.terminal().interactive();
    this.name = name;
    this.quiet = quiet;
  }

  @Override
  public void onStep(TrainingProgress progress) {
    onStep(progress, progress.remaining());
  }

  /** As {@link #onStep(TrainingProgress)}, with the time left of more than this training. */
  void onStep(TrainingProgress progress, Duration remaining) {
    if (quiet) {
      return;
    }
    if (interactive) {
      show(progress, remaining);
    } else if (isTenth(progress)) {
      err.println(line(progress, remaining));
    }
  }

  private static boolean isTenth(TrainingProgress progress) {
    return progress.step() == 1
        || progress.step() * LINES / progress.steps()
            > (progress.step() - 1) * LINES / progress.steps();
  }

  private String line(TrainingProgress progress, Duration remaining) {
    return String.format(
        Locale.ROOT,
        "%s: step %,d of %,d, %s",
        name,
        progress.step(),
        progress.steps(),
        figures(progress, remaining));
  }

  private static String figures(TrainingProgress progress, Duration remaining) {
    return String.format(
        Locale.ROOT,
        "loss %.3f, %,.0f tokens/s, %s left",
        progress.loss(),
        progress.tokensPerSecond(),
        Durations.text(remaining));
  }

  private void show(TrainingProgress progress, Duration remaining) {
    if (bar == null) {
      bar = begin(progress);
    }
    bar.setExtraMessage(" " + figures(progress, remaining));
    bar.stepTo(progress.step());
  }

  private ProgressBar begin(TrainingProgress progress) {
    return new ProgressBarBuilder()
        .setTaskName(name)
        .setInitialMax(progress.steps())
        .setStyle(ProgressBarStyle.ASCII)
        .hideEta()
        .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
        .build();
  }

  @Override
  public boolean stopRequested() {
    return cancellation.isRequested();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
