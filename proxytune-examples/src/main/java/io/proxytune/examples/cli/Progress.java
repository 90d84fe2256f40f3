package io.proxytune.examples.cli;

import io.proxytune.core.LoadListener;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** Shows how loading one model goes on, where a person watches. For one thread. */
public final class Progress implements LoadListener, AutoCloseable {
  private static final int WIDTH = 100;

  private final Cancellation cancellation;
  private final @Nullable PrintStream shown;
  private @Nullable ProgressBar bar;

  public Progress(Cancellation cancellation, Terminal terminal, boolean quiet) {
    this.cancellation = cancellation;
    this.shown = terminal.interactive() && !quiet ? terminal.err() : null;
  }

  @Override
  public void onProgress(LoadListener.Progress progress) {
    cancellation.throwIfRequested();
    if (shown == null) {
      return;
    }
    if (bar == null) {
      bar = begin(progress, shown);
    }
    bar.stepTo(progress.bytes());
  }

  private static ProgressBar begin(LoadListener.Progress progress, PrintStream shown) {
    return new ProgressBarBuilder()
        .setTaskName(progress.model())
        .setInitialMax(progress.totalBytes())
        .setUnit(" MiB", 1 << 20)
        .setConsumer(new ConsoleProgressBarConsumer(shown, WIDTH))
        .build();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
