package io.proxytune.examples.study;

import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.server.ApiKeys;
import io.proxytune.examples.server.ApiServer;
import io.proxytune.examples.server.ServedModels;
import io.proxytune.examples.server.ServerLimits;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A model that is seen as an API shows it: served over HTTP on a free port of this machine with
 * log-probabilities of its likeliest tokens alone, and read by a client. For one thread; does not
 * close the model that it serves.
 */
final class BlackBox implements AutoCloseable {
  private static final int PREFILL_CHUNK = 512;
  private static final int CHAT_TOKENS = 64;

  private final Engine engine;
  private final ServedModels served;
  private final ApiServer server;
  private final LogitModel client;

  private BlackBox(Engine engine, ServedModels served, ApiServer server, LogitModel client) {
    this.engine = engine;
    this.served = served;
    this.server = server;
    this.client = client;
  }

  /**
   * Serves a model.
   *
   * @param tokenizer the folder of its tokenizer, which the client knows
   * @param shown of how many likeliest tokens log-probabilities are shown and asked for
   * @throws UncheckedIOException if no port can be listened on
   */
  static BlackBox of(Engine engine, LogitModel model, Path tokenizer, int shown) {
    Fusion alone = Fusion.proxyTuning();
    ServedModels served =
        new ServedModels(
            ServedModels.nameOf(model, List.of(), alone),
            model,
            List.of(),
            alone,
            (pairs, fusion) -> engine.tuner(model, pairs, fusion, PREFILL_CHUNK));
    ApiServer server = null;
    try {
      server = serve(served, shown);
      URI address = URI.create("http://127.0.0.1:" + server.address().getPort() + "/v1");
      Engine.Server known =
          new Engine.Server(address, Optional.empty(), tokenizer, OptionalInt.of(shown));
      return new BlackBox(engine, served, server, engine.connect(known));
    } catch (Throwable e) {
      if (server != null) {
        server.close();
      }
      served.close();
      throw e;
    }
  }

  private static ApiServer serve(ServedModels served, int shown) {
    try {
      return ApiServer.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          served,
          new ApiServer.Settings(
              GenerationOptions.defaults(),
              CHAT_TOKENS,
              null,
              ApiKeys.none(),
              ServerLimits.USUAL.withAlternatives(shown)));
    } catch (IOException e) {
      throw new UncheckedIOException("no port of this machine can be served: " + e.getMessage(), e);
    }
  }

  /** What decodes with what the server shows; the caller closes it before this. */
  ProxyTuner tuner(List<ExpertPair> pairs) {
    return engine.tuner(client, pairs, PREFILL_CHUNK);
  }

  @Override
  public void close() {
    client.close();
    server.close();
    served.close();
  }
}
