package io.proxytune.examples.cli;

import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.LoadOptions;
import java.nio.file.Path;
import java.util.List;

/** What the commands need of the core; the seam at which tests put in models of their own. */
public interface Engine {
  /** Loads a checkpoint folder; the caller closes the model. */
  LogitSource load(Path folder, LoadOptions options);

  /** Reads what a checkpoint folder holds, without its weights. */
  CheckpointSummary inspect(Path folder);

  /** Sets how many CPU threads an operation uses. */
  void setThreads(int threads);

  /** Makes a tuner; the caller closes it before the models. */
  ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs, int prefillChunk);
}
