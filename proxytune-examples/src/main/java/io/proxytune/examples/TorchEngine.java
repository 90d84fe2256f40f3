package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.ProxyTunerBuilder;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.cli.Engine;
import java.nio.file.Path;
import java.util.List;

/** ProxyTune's core over LibTorch. */
public final class TorchEngine implements Engine {
  @Override
  public LogitSource load(Path folder, LoadOptions options) {
    return TorchModels.load(folder, options);
  }

  @Override
  public CheckpointSummary inspect(Path folder) {
    return TorchModels.inspect(folder);
  }

  @Override
  public void setThreads(int threads) {
    TorchModels.setThreads(threads);
  }

  @Override
  public ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs, int prefillChunk) {
    ProxyTunerBuilder builder = ProxyTuner.builder().base(base).prefillChunk(prefillChunk);
    pairs.forEach(builder::pair);
    return builder.build();
  }
}
