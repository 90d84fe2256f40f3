package io.proxytune.examples.cli;

import io.proxytune.LogitSource;
import io.proxytune.core.LoadListener;
import io.proxytune.core.LoadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The models of one command: a folder named for two roles is loaded once. For one thread. */
public final class LoadedModels implements AutoCloseable {
  /** One listener for all keys, so that records of options are equal. */
  private static final LoadListener NOBODY = progress -> {};

  private final CommandContext context;
  private final boolean quiet;
  private final Map<Key, LogitSource> models = new LinkedHashMap<>();

  /** What makes two models the same. */
  private record Key(Path folder, LoadOptions options) {}

  public LoadedModels(CommandContext context, boolean quiet) {
    this.context = context;
    this.quiet = quiet;
  }

  /** The model of a folder, loaded now unless it was before. */
  public LogitSource get(Path folder, LoadOptions options) {
    context.cancellation().throwIfRequested();
    Key key = new Key(canonical(folder), options.withListener(NOBODY));
    LogitSource known = models.get(key);
    if (known != null) {
      return known;
    }
    LogitSource model = load(folder, options);
    models.put(key, model);
    return model;
  }

  private LogitSource load(Path folder, LoadOptions options) {
    try (Progress progress = new Progress(context.cancellation(), context.terminal(), quiet)) {
      return context.engine().load(folder, options.withListener(progress));
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
