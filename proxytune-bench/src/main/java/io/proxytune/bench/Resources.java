package io.proxytune.bench;

import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.core.WeightLayout;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a benchmark holds open; closed in reverse order. For one thread. */
final class Resources implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  LogitModel load(Path folder) {
    return load(folder, WeightLayout.PACKED);
  }

  LogitModel load(Path folder, WeightLayout layout) {
    return add(TorchModels.load(folder, LoadOptions.defaults().withLayout(layout)));
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
