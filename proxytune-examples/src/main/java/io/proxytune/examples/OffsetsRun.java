package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.offsets.OffsetLimits;
import io.proxytune.core.offsets.OffsetServer;
import io.proxytune.examples.TunerSession.PairFolders;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.LoadedModels;
import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Serves an engine that has the base with what the pairs add to it. For one thread. */
final class OffsetsRun {
  private final App app;
  private final ModelOptions options;
  private final @Nullable Integer requests;
  private final boolean quiet;

  OffsetsRun(App app, ModelOptions options, @Nullable Integer requests, boolean quiet) {
    this.app = app;
    this.options = options;
    this.requests = requests;
    this.quiet = quiet;
  }

  /**
   * Loads the pairs and serves.
   *
   * @param socket where to listen
   * @param untilEnded runs what it is given, and waits for the end
   */
  void serve(Path socket, Consumer<Runnable> untilEnded) {
    options.check();
    Usage.check(requests == null || requests >= 1, "--requests must be >= 1, got %s", requests);
    Usage.check(
        !options.pairs().isEmpty(),
        "--offsets serves what pairs add: add --expert MODEL and --anti-expert MODEL");
    Usage.check(
        options.baseServer().isEmpty(),
        "--base %s is an address, and --offsets needs a folder with the tokenizer of the engine's"
            + " model",
        options.base());
    Engine engine = app.engine();
    Integer threads = options.threads();
    if (threads != null) {
      engine.setThreads(threads);
    }
    LoadOptions loading = options.expertLoadOptions();
    Path base = engine.folder(options.base());
    engine.requireTokenizer(base);
    List<PairFolders> found =
        options.pairs().stream().map(pair -> PairFolders.find(engine, pair)).toList();
    try (LoadedModels models = new LoadedModels(app, quiet)) {
      List<ExpertPair> given = found.stream().map(pair -> pair.load(loading, models)).toList();
      List<ExpertPair> pairs =
          options.profile().map(profile -> profile.applyTo(given)).orElse(given);
      OffsetServer.Builder server = OffsetServer.builder().vocabularyOf(base).limits(limits());
      Map<String, ExpertPair> named = named(pairs);
      named.forEach(server::pair);
      try (OffsetServer started = server.start(socket)) {
        untilEnded.accept(() -> report(started, named));
      }
    }
  }

  private OffsetLimits limits() {
    OffsetLimits limits = OffsetLimits.defaults().withChunk(options.prefillChunk());
    return requests == null ? limits : limits.withRequests(requests);
  }

  /** Pairs by their experts' names, with a number where several have the same. */
  private static Map<String, ExpertPair> named(List<ExpertPair> pairs) {
    Map<String, ExpertPair> named = new LinkedHashMap<>();
    for (ExpertPair pair : pairs) {
      String name = pair.expert().name();
      for (int number = 2; named.containsKey(name); number++) {
        name = pair.expert().name() + "-" + number;
      }
      named.put(name, pair);
    }
    return named;
  }

  private void report(OffsetServer server, Map<String, ExpertPair> pairs) {
    if (!quiet) {
      app.terminal()
          .err()
          .printf(
              Locale.ROOT,
              "proxytune: offsets for %d ids and up to %d tokens; pairs: %s%n",
              server.vocabularySize(),
              server.contextLength(),
              String.join(", ", pairs.keySet()));
    }
    app.terminal().out().println("serving at " + server.socket());
    app.terminal().out().flush();
  }
}
