package io.proxytune.examples.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** Shows how a long command goes on, where a person watches, and ends it early. For one thread. */
public final class WorkBar implements AutoCloseable {
  private static final int WIDTH = 80;

  private final Cancellation cancellation;
  private final @Nullable ProgressBar bar;

  public WorkBar(CommandContext context, boolean quiet, String task, long steps) {
    this.cancellation = context.cancellation();
    this.bar =
        context.terminal().interactive() && !quiet
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setConsumer(new ConsoleProgressBarConsumer(context.terminal().err(), WIDTH))
                .build()
            : null;
  }

  /** Says what is under way. */
  public void about(String what) {
    cancellation.throwIfRequested();
    if (bar != null) {
      bar.setExtraMessage(" " + what);
    }
  }

  /** Some steps are done. */
  public void step(long steps) {
    cancellation.throwIfRequested();
    if (bar != null) {
      bar.stepBy(steps);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
