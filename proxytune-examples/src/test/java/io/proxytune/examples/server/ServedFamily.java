package io.proxytune.examples.server;

import io.proxytune.ExpertPair;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.TinyFamily;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.List;

/** A tiny family on a server, and the tuner that says what the server is to say. */
final class ServedFamily implements AutoCloseable {
  final LogitModel base;
  final LogitModel expert;
  final LogitModel antiExpert;
  final ProxyTuner tuner;
  final RunningServer server;

  /**
   * Loads and serves a family.
   *
   * @param family what {@link TinyFamily} wrote
   * @param keys what the server asks of clients
   */
  ServedFamily(Path family, ApiKeys keys) {
    base = TorchModels.load(family.resolve("base"));
    expert = TorchModels.load(family.resolve("expert"));
    antiExpert = TorchModels.load(family.resolve("small"));
    ExpertPair pair = ExpertPair.of(expert, antiExpert);
    tuner = RunningServer.tuner(base, List.of(pair));
    server = RunningServer.of(RunningServer.settings(keys, ServerLimits.USUAL, null), base, pair);
  }

  static ServedFamily in(Path folder) {
    return new ServedFamily(TinyFamily.write(folder.resolve("family")), ApiKeys.none());
  }

  @Override
  public void close() {
    server.close();
    tuner.close();
    base.close();
    expert.close();
    antiExpert.close();
  }
}
