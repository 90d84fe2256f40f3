package io.proxytune.examples;

import io.proxytune.LogitSource;
import io.proxytune.core.LoadListener;
import io.proxytune.core.LoadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The models of one command: a folder named for two roles is loaded once. For one thread. */
final class LoadedModels implements AutoCloseable {
  /** One listener for all keys, so that records of options are equal. */
  private static final LoadListener NOBODY = progress -> {};

  private final App app;
  private final boolean quiet;
  private final Map<Key, LogitSource> models = new LinkedHashMap<>();

  /** What makes two models the same. */
  private record Key(Path folder, LoadOptions options) {}

  LoadedModels(App app, boolean quiet) {
    this.app = app;
    this.quiet = quiet;
  }

  /** The model of a folder, loaded now unless it was before. */
  LogitSource get(Path folder, LoadOptions options) {
    app.cancellation().throwIfRequested();
    Key key = new Key(canonical(folder), options.withListener(NOBODY));
    LogitSource known = models.get(key);
    if (known != null) {
      return known;
    }
    LogitSource model = load(folder, options);
    models.put(key, model);
    return model;
  }

  /** A host's model with an adapter beside its weights. */
  LogitSource adapted(Path host, Path adapter, LoadOptions options) {
    LogitSource model = get(host, options);
    Key key =
        new Key(canonical(host), options.withListener(NOBODY).withAdapter(canonical(adapter)));
    return models.computeIfAbsent(key, k -> app.engine().loadAdapter(model, adapter));
  }

  /** Whether a folder is an adapter that names a certain model as its own. */
  boolean isAdapterOf(Path folder, Path model) {
    return app.engine().isAdapter(folder)
        && app.engine()
            .modelOf(folder)
            .map(LoadedModels::canonical)
            .equals(Optional.of(canonical(model)));
  }

  private LogitSource load(Path folder, LoadOptions options) {
    try (Progress progress = new Progress(app.cancellation(), app.terminal(), quiet)) {
      return app.engine().load(folder, options.withListener(progress));
    }
  }

  private static Path canonical(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath().normalize(); // loading will say what is wrong with it
    }
  }

  @Override
  public void close() {
    List<LogitSource> open = new ArrayList<>(models.values());
    models.clear();
    open.forEach(LogitSource::close);
  }
}
