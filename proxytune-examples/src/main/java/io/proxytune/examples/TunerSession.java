package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.LoadOptions;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.report.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A tuner with the models that it was made of; closing it frees them all. For one thread. */
final class TunerSession implements AutoCloseable {
  private final Engine engine;
  private final ModelOptions options;
  private final LoadedModels models;
  private final LogitSource base;
  private final List<ExpertPair> pairs;
  private final FusionOptions how;
  private final List<LogitSource> alone;
  private final ProxyTuner tuner;

  private TunerSession(
      Engine engine, ModelOptions options, FusionOptions fusion, LoadedModels models) {
    LoadOptions small = options.expertLoadOptions(); // refuses a wrong device before loading
    Optional<ServerOptions> server = options.baseServer();
    Path folder =
        engine.folder(server.map(on -> on.tokenizerOf(options.pairs())).orElse(options.base()));
    List<PairFolders> found =
        options.pairs().stream().map(pair -> PairFolders.find(engine, pair)).toList();
    List<Path> sources = fusion.sources().stream().map(engine::folder).toList();
    if (!engine.isAdapter(folder)) {
      engine.requireTokenizer(folder); // prompts are texts
    }
    this.engine = engine;
    this.options = options;
    this.models = models;
    this.base =
        server.isPresent()
            ? models.onServer(server.get().server(folder))
            : models.get(folder, options.baseLoadOptions());
    List<ExpertPair> given = found.stream().map(pair -> pair.load(small, models)).toList();
    this.pairs = options.profile().map(profile -> profile.applyTo(given)).orElse(given);
    this.how = fusion;
    this.alone = new ArrayList<>();
    sources.forEach(source -> alone.add(models.get(source, small)));
    this.tuner = tuner(pairs, fusion());
  }

  /** Loads the models and makes a tuner. */
  static TunerSession open(App app, ModelOptions options, boolean quiet) {
    return open(app, options, new FusionOptions(), quiet);
  }

  /** Loads the models, those of a fusion too, and makes a tuner. */
  static TunerSession open(App app, ModelOptions options, FusionOptions fusion, boolean quiet) {
    options.check();
    fusion.check(options.pairs().size());
    Usage.check(
        options.profile().isEmpty() || fusion.isPlain(),
        "--steering says how pairs are fused: leave out --preset, --source, --space, --candidates"
            + " and --strength");
    Integer threads = options.threads();
    if (threads != null) {
      app.engine().setThreads(threads);
    }
    LoadedModels models = new LoadedModels(app, quiet);
    try {
      return new TunerSession(app.engine(), options, fusion, models);
    } catch (Throwable e) {
      models.close();
      throw e;
    }
  }

  /** Where the models of a pair are; all are found before one is loaded. */
  record PairFolders(PairOptions options, Path expert, Path antiExpert) {
    static PairFolders find(Engine engine, PairOptions pair) {
      return new PairFolders(pair, engine.folder(pair.expert()), engine.folder(pair.antiExpert()));
    }

    ExpertPair load(LoadOptions loading, LoadedModels models) {
      LogitSource tuned = loadExpert(loading, models);
      return options.pair(tuned, models.get(antiExpert, loading));
    }

    /** An adapter of the anti-expert shares its weights, whichever option names it. */
    private LogitSource loadExpert(LoadOptions loading, LoadedModels models) {
      return options.isAdapter() || models.isAdapterOf(expert, antiExpert)
          ? models.adapted(antiExpert, expert, loading)
          : models.get(expert, loading);
    }
  }

  /** Another model, loaded as the base is, which this closes. */
  LogitSource load(String model) {
    return models.get(engine.folder(model), options.baseLoadOptions());
  }

  /** A tuner of one model alone; the caller closes it before this. */
  ProxyTuner alone(LogitSource model) {
    return engine.tuner(model, List.of(), options.prefillChunk());
  }

  /** Another tuner of the base; the caller closes it before this. */
  ProxyTuner tuner(List<ExpertPair> steering, Fusion fusion) {
    return engine.tuner(base, steering, fusion, options.prefillChunk());
  }

  /** How the tuner's rows are fused. */
  Fusion fusion() {
    return options
        .profile()
        .map(profile -> profile.preset().fusion())
        .orElseGet(() -> fusion(how.preset()));
  }

  /** The same with another preset. */
  Fusion fusion(FusionPreset preset) {
    return how.fusion(preset, base, alone);
  }

  /** Names the models in a record, with their files. */
  void addTo(RunRecord run, ModelOptions options, Engine engine) {
    run.addModel("base", 0, base.name(), options.baseFolder(engine));
    for (int i = 0; i < pairs.size(); i++) {
      ExpertPair pair = pairs.get(i);
      PairOptions asked = options.pairs().get(i);
      run.addModel("expert", i, pair.expert().name(), Optional.of(engine.folder(asked.expert())))
          .put("alpha", pair.alpha());
      run.addModel(
              "anti-expert",
              i,
              pair.antiExpert().name(),
              Optional.of(engine.folder(asked.antiExpert())))
          .put("alpha", pair.alpha());
    }
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
