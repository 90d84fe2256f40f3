package io.proxytune.core.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.model.PartialLogits;
import io.proxytune.model.PartialLogits.Uncertified;
import java.net.URI;

/**
 * Connects to a {@code llama-server} of llama.cpp, which shows the log-probabilities of its whole
 * vocabulary, some 95 bytes of JSON a token. Start it with {@code --parallel} as large as the
 * number of texts that are decoded at once: each keeps its KV cache in a slot of its own.
 *
 * <pre>{@code
 * RemoteModel base =
 *     RemoteModels.llamaServer(URI.create("http://localhost:8080"))
 *         .vocabularyOf(Path.of("models/expert"))
 *         .apiKeyVariable("LLAMA_API_KEY")
 *         .connect();
 * }</pre>
 *
 * <p><b>Threads:</b> for one thread; what it makes is safe for use by any number of them.
 */
public final class LlamaServer extends ServerBuilder<LlamaServer> {
  private Shown shown = Shown.ALL;

  LlamaServer(URI server) {
    super(server);
  }

  @Override
  LlamaServer self() {
    return this;
  }

  /**
   * Asks for the likeliest tokens alone, which makes answers short: see {@link PartialLogits} for
   * what that means. All tokens if not set.
   *
   * @param first how many at first, at least 1
   * @param most how many where they are not enough to be certain of the next token, at least as
   *     many; their number is doubled until they are
   * @param uncertified what happens where so many are not enough
   * @return this builder
   */
  public LlamaServer likeliest(int first, int most, Uncertified uncertified) {
    shown = new Shown(first, most, uncertified);
    return this;
  }

  /**
   * Connects: waits for a server that is loading, asks it what it has, and compares its tokenizer
   * with the one given.
   *
   * @return the model; the caller closes it
   * @throws ServerException if there is no such server
   * @throws io.proxytune.VocabularyMismatchException if its ids mean other tokens
   * @throws IllegalStateException if no vocabulary was given
   * @throws java.util.concurrent.CancellationException if this thread is interrupted; it stays so
   */
  public RemoteModel connect() {
    Vocabulary known = vocabulary();
    Endpoint endpoint = endpoint();
    JsonNode unused = endpoint.get("/health"); // which waits for one that is loading
    LlamaProps props = LlamaProps.of(endpoint, known.tokenizer());
    TokenizerCheck.check(endpoint, props.name(), known.tokenizer(), props.width());
    ServerModel.Description description =
        new ServerModel.Description(
            props.name() + " at " + endpoint,
            props.width(),
            props.contextLength(),
            known.endOfTextIds(props.endOfTextToken(), props.width()),
            known.tokenizer(),
            shown);
    int slots = Math.min(parallel().orElse(props.slots()), props.slots());
    return new ServerModel(description, new LlamaRows(endpoint, slots));
  }
}
