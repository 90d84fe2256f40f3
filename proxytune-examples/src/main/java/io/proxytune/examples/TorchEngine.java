package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.ProxyTunerBuilder;
import io.proxytune.core.AdapterSummary;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.DevicePlan;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.fit.FitReport;
import io.proxytune.core.remote.LlamaServer;
import io.proxytune.core.remote.OpenAiServer;
import io.proxytune.core.remote.RemoteModels;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Usage;
import io.proxytune.model.LogitModel;
import io.proxytune.model.PartialLogits.Uncertified;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** ProxyTune's core over LibTorch. */
public final class TorchEngine implements Engine {
  @Override
  public Path folder(String model) {
    return TorchModels.folder(model);
  }

  @Override
  public LogitModel load(Path folder, LoadOptions options) {
    return TorchModels.load(folder, options);
  }

  @Override
  public LogitModel loadAdapter(LogitSource host, Path adapter) {
    return TorchModels.loadAdapter(host, adapter);
  }

  @Override
  public LogitModel connect(Server server) {
    if (server.shown().isEmpty()) {
      LlamaServer llama =
          RemoteModels.llamaServer(server.address()).vocabularyOf(server.tokenizer());
      return server.keyFile().map(llama::apiKeyFile).orElse(llama).connect();
    }
    OpenAiServer other =
        RemoteModels.openAiServer(server.address())
            .vocabularyOf(server.tokenizer())
            .likeliest(server.shown().getAsInt(), Uncertified.REFUSE);
    return server.keyFile().map(other::apiKeyFile).orElse(other).connect();
  }

  @Override
  public boolean isAdapter(Path folder) {
    return TorchModels.isAdapter(folder);
  }

  @Override
  public Optional<Path> modelOf(Path adapter) {
    return TorchModels.inspectAdapter(adapter).baseFolder();
  }

  @Override
  public AdapterSummary inspectAdapter(Path folder) {
    return TorchModels.inspectAdapter(folder);
  }

  @Override
  public CheckpointSummary inspect(Path folder) {
    return TorchModels.inspect(folder);
  }

  @Override
  public DevicePlan plan(Path folder, LoadOptions options) {
    return TorchModels.plan(folder, options);
  }

  @Override
  public FitReport compare(List<Path> folders) {
    return TorchModels.compare(folders);
  }

  @Override
  public void requireTokenizer(Path folder) {
    if (Files.exists(folder.resolve("config.json"))) { // else loading says what is wrong
      TorchModels.requireTokenizer(folder);
    }
  }

  @Override
  public long weightBytes(Path folder, Quantization quantization) {
    return TorchModels.weightBytes(folder, quantization);
  }

  @Override
  public void setThreads(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    Usage.check(
        threads <= processors,
        "--threads must be <= %s, the processors that this process may use, got %s",
        processors,
        threads);
    System.setProperty("proxytune.threads", Integer.toString(threads));
  }

  @Override
  public ProxyTuner tuner(
      LogitSource base, List<ExpertPair> pairs, Fusion fusion, int prefillChunk) {
    return builder(base, pairs, prefillChunk).fusion(fusion).build();
  }

  @Override
  public ProxyTuner tunerWithoutPrefixCache(
      LogitSource base, List<ExpertPair> pairs, int prefillChunk) {
    return builder(base, pairs, prefillChunk).prefixCache(0).build();
  }

  private static ProxyTunerBuilder builder(
      LogitSource base, List<ExpertPair> pairs, int prefillChunk) {
    ProxyTunerBuilder builder = ProxyTuner.builder().base(base).prefillChunk(prefillChunk);
    pairs.forEach(builder::pair);
    return builder;
  }
}
