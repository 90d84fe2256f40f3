package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.LogitSource;
import io.proxytune.model.PartialLogits;
import io.proxytune.model.PartialLogits.Uncertified;
import java.net.URI;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

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
public final class LlamaServer {
  private final URI server;
  private ApiKey key = ApiKey.NONE;
  private ServerSettings settings = ServerSettings.defaults();
  private @Nullable Vocabulary vocabulary;
  private OptionalInt parallel = OptionalInt.empty();
  private Shown shown = Shown.ALL;

  LlamaServer(URI server) {
    String unused = Endpoint.checked(server);
    this.server = server;
  }

  /**
   * The tokenizer and the ids that end a text, of a model with the same vocabulary, such as an
   * expert. What the server calls its end-of-text token ends a text, too.
   *
   * @param source a model with a tokenizer
   * @return this builder
   * @throws IllegalArgumentException if it has none
   */
  public LlamaServer vocabularyOf(LogitSource source) {
    vocabulary = Vocabulary.of(source);
    return this;
  }

  /**
   * The same of a checkpoint folder, of which its tokenizer and {@code generation_config.json} are
   * read.
   *
   * @param folder a folder with {@code tokenizer.json}
   * @return this builder
   * @throws io.proxytune.CheckpointException if a file is missing or broken
   */
  public LlamaServer vocabularyOf(Path folder) {
    vocabulary = Vocabulary.of(folder);
    return this;
  }

  /**
   * The key that the server asks for: the first line of a file that is neither blank nor begins
   * with {@code #}. It is sent to this server alone, and is in no message and no log.
   *
   * @param file a text file
   * @return this builder
   * @throws io.proxytune.CheckpointException if the file can't be read
   * @throws IllegalArgumentException if it holds no key
   */
  public LlamaServer apiKeyFile(Path file) {
    key = ApiKey.ofFile(file);
    return this;
  }

  /**
   * The key that the server asks for, of an environment variable.
   *
   * @param name its name
   * @return this builder
   * @throws IllegalArgumentException if it is not set, or empty
   */
  public LlamaServer apiKeyVariable(String name) {
    key = ApiKey.ofVariable(name, System.getenv());
    return this;
  }

  /**
   * How long the server is waited for; {@link ServerSettings#defaults()} if not set.
   *
   * @param given the settings
   * @return this builder
   */
  public LlamaServer settings(ServerSettings given) {
    settings = requireNonNull(given, "settings");
    return this;
  }

  /**
   * How many rows are asked for at once at most, where that is to be less than the server's slots,
   * since others use it, too.
   *
   * @param requests at least 1
   * @return this builder
   */
  public LlamaServer parallel(int requests) {
    checkArgument(requests >= 1, "parallel requests must be >= 1, got %s", requests);
    parallel = OptionalInt.of(requests);
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
    checkState(
        vocabulary != null,
        "what the ids of the server's model mean is not known: call vocabularyOf(...) with an"
            + " expert or its folder");
    Vocabulary known = requireNonNull(vocabulary);
    Endpoint endpoint = new Endpoint(server, key, settings);
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
    int slots = Math.min(parallel.orElse(props.slots()), props.slots());
    return new ServerModel(description, new LlamaRows(endpoint, slots));
  }
}
