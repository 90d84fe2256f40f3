package io.proxytune.examples.cli;

import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.AdapterSummary;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.DevicePlan;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.fit.FitReport;
import io.proxytune.model.LogitModel;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What the commands need of the core; the seam at which tests put in models of their own. */
public interface Engine {
  /** The folder of a model or an adapter by its path, or by its name on the Hub. */
  Path folder(String model);

  /** Loads a checkpoint folder; the caller closes the model. */
  LogitModel load(Path folder, LoadOptions options);

  /** Puts a LoRA adapter beside a loaded model, which shares its weights; the caller closes it. */
  LogitModel loadAdapter(LogitSource host, Path adapter);

  /**
   * A server that has a model.
   *
   * @param address where it is
   * @param keyFile the file with the key that it asks for, if it does
   * @param tokenizer a folder with its tokenizer
   * @param shown how many of the likeliest tokens it shows, of an OpenAI-compatible one; nothing
   *     for llama.cpp's, which shows all
   */
  record Server(URI address, Optional<Path> keyFile, Path tokenizer, OptionalInt shown) {}

  /** Connects to a server; the caller closes its model. */
  LogitModel connect(Server server);

  /** Whether a folder holds a LoRA adapter instead of a model. */
  boolean isAdapter(Path folder);

  /** The folder of the model that an adapter names as its own, if it is here. */
  Optional<Path> modelOf(Path adapter);

  /** Reads what an adapter's folder holds. */
  AdapterSummary inspectAdapter(Path folder);

  /** Reads what a checkpoint folder holds, without its weights. */
  CheckpointSummary inspect(Path folder);

  /** Says which layers of a checkpoint would be on which device, without their weights. */
  DevicePlan plan(Path folder, LoadOptions options);

  /** Says which models fit together, without their weights. */
  FitReport compare(List<Path> folders);

  /** Refuses a folder whose model can't be given text, saying what is missing. */
  void requireTokenizer(Path folder);

  /** What a checkpoint's weights, as stored, take in memory when they are quantized. */
  long weightBytes(Path folder, Quantization quantization);

  /** Sets how many CPU threads an operation uses; before the first model is loaded. */
  void setThreads(int threads);

  /** Makes a tuner; the caller closes it before the models. */
  default ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs, int prefillChunk) {
    return tuner(base, pairs, Fusion.proxyTuning(), prefillChunk);
  }

  /** Makes a tuner whose rows are fused as is said. */
  ProxyTuner tuner(LogitSource base, List<ExpertPair> pairs, Fusion fusion, int prefillChunk);

  /** Makes a tuner that keeps nothing of prompts, so that each is read when it is timed. */
  ProxyTuner tunerWithoutPrefixCache(LogitSource base, List<ExpertPair> pairs, int prefillChunk);
}
