package io.proxytune.examples.cli;

import io.proxytune.core.LoadListener;
import io.proxytune.core.LoadOptions;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The models of one command: a folder named for two roles is loaded once. For one thread. */
public final class LoadedModels implements AutoCloseable {
  /** One listener for all keys, so that records of options are equal. */
  private static final LoadListener NOBODY = progress -> {};

  private final CommandContext context;
  private final boolean quiet;
  private final Map<Key, LogitModel> models = new LinkedHashMap<>();
  private final List<LogitModel> onServers = new ArrayList<>();

  /** What makes two models the same. */
  private record Key(Path folder, LoadOptions options) {}

  public LoadedModels(CommandContext context, boolean quiet) {
    this.context = context;
    this.quiet = quiet;
  }

  /** The model of a folder, loaded now unless it was before. */
  public LogitModel get(Path folder, LoadOptions options) {
    context.cancellation().throwIfRequested();
    Key key = new Key(canonical(folder), options.withListener(NOBODY));
    LogitModel known = models.get(key);
    if (known != null) {
      return known;
    }
    LogitModel model = load(folder, options);
    models.put(key, model);
    return model;
  }

  /** A host's model with an adapter beside its weights. */
  public LogitModel adapted(Path host, Path adapter, LoadOptions options) {
    LogitModel model = get(host, options);
    Key key =
        new Key(canonical(host), options.withListener(NOBODY).withAdapter(canonical(adapter)));
    return models.computeIfAbsent(key, k -> context.engine().loadAdapter(model, adapter));
  }

  /** The model of a server, which is connected to now. */
  public LogitModel onServer(Engine.Server server) {
    context.cancellation().throwIfRequested();
    LogitModel model = context.engine().connect(server);
    onServers.add(model);
    return model;
  }

  /** Whether a folder is an adapter that names a certain model as its own. */
  public boolean isAdapterOf(Path folder, Path model) {
    return context.engine().isAdapter(folder)
        && context
            .engine()
            .modelOf(folder)
            .map(LoadedModels::canonical)
            .equals(Optional.of(canonical(model)));
  }

  private LogitModel load(Path folder, LoadOptions options) {
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
    List<LogitModel> open = new ArrayList<>(models.values());
    open.addAll(onServers);
    models.clear();
    onServers.clear();
    open.forEach(LogitModel::close);
  }
}
