package io.proxytune.core.remote;

import java.net.URI;

/**
 * Connects to servers that have a model.
 *
 * <pre>{@code
 * try (RemoteModel base =
 *     RemoteModels.llamaServer(URI.create("http://localhost:8080")).vocabularyOf(expert).connect()) {
 *   ProxyTuner tuner = ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
 *   …
 * }
 * }</pre>
 *
 * <p><b>Log-probabilities in the place of logits.</b> Servers show log-probabilities, which are
 * logits less a number of each row. What is fused in logits or probabilities does not depend on it,
 * nor do sampling, bias, or presence and frequency penalties. A repetition penalty does: it divides
 * by the sign of a logit, and log-probabilities are all negative.
 */
public final class RemoteModels {
  private RemoteModels() {}

  /**
   * Begins to connect to a {@code llama-server} of llama.cpp, or one that speaks its protocol, such
   * as that of the Python package xllamacpp.
   *
   * @param server its address, such as {@code http://localhost:8080}; what is behind the host is
   *     kept as the prefix of all paths
   * @return a builder
   * @throws IllegalArgumentException if it is no address of a server, or holds a password
   */
  public static LlamaServer llamaServer(URI server) {
    return new LlamaServer(server);
  }

  /**
   * Begins to connect to a server that speaks OpenAI's protocol for completions, which shows the
   * likeliest tokens of a row: vLLM, that of ProxyTune's command line, and others.
   *
   * @param server the address that {@code /completions} follows, such as {@code
   *     http://localhost:8000/v1}
   * @return a builder
   * @throws IllegalArgumentException if it is no address of a server, or holds a password
   */
  public static OpenAiServer openAiServer(URI server) {
    return new OpenAiServer(server);
  }
}
