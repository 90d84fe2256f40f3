package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.LoadOptions;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.LoadedModels;
import java.nio.file.Path;
import java.util.List;

/** A tuner with the models that it was made of; closing it frees them all. For one thread. */
final class TunerSession implements AutoCloseable {
  private final LoadedModels models;
  private final LogitSource base;
  private final List<ExpertPair> pairs;
  private final ProxyTuner tuner;

  private TunerSession(Engine engine, ModelOptions options, LoadedModels models) {
    LoadOptions small = options.expertLoadOptions(); // refuses a wrong device before loading
    if (!engine.isAdapter(options.base())) {
      engine.requireTokenizer(options.base()); // prompts are texts
    }
    this.models = models;
    this.base = models.get(options.base(), options.baseLoadOptions());
    this.pairs = options.pairs().stream().map(pair -> pair(pair, small, models)).toList();
    this.tuner = engine.tuner(base, pairs, options.prefillChunk());
  }

  /** Loads the models and makes a tuner. */
  static TunerSession open(App app, ModelOptions options, boolean quiet) {
    options.check();
    Integer threads = options.threads();
    if (threads != null) {
      app.engine().setThreads(threads);
    }
    LoadedModels models = new LoadedModels(app, quiet);
    try {
      return new TunerSession(app.engine(), options, models);
    } catch (Throwable e) {
      models.close();
      throw e;
    }
  }

  private static ExpertPair pair(PairOptions pair, LoadOptions options, LoadedModels models) {
    LogitSource expert = expert(pair, options, models);
    return new ExpertPair(expert, models.get(pair.antiExpert(), options), pair.alpha());
  }

  /** An adapter of the anti-expert shares its weights, whichever option names it. */
  private static LogitSource expert(PairOptions pair, LoadOptions options, LoadedModels models) {
    Path expert = pair.expert();
    return pair.isAdapter() || models.isAdapterOf(expert, pair.antiExpert())
        ? models.adapted(pair.antiExpert(), expert, options)
        : models.get(expert, options);
  }

  LogitSource base() {
    return base;
  }

  List<ExpertPair> pairs() {
    return pairs;
  }

  ProxyTuner tuner() {
    return tuner;
  }

  @Override
  public void close() {
    try (models) {
      tuner.close();
    }
  }
}
