package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import io.proxytune.LogitSource;
import java.net.URI;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What is said of any server before it is connected to.
 *
 * @param <B> the builder of a kind of server
 */
abstract class ServerBuilder<B extends ServerBuilder<B>> {
  private final URI server;
  private ApiKey key = ApiKey.NONE;
  private ServerSettings settings = ServerSettings.defaults();
  private @Nullable Vocabulary vocabulary;
  private OptionalInt parallel = OptionalInt.empty();

  ServerBuilder(URI server) {
    String unused = Endpoint.checked(server);
    this.server = server;
  }

  abstract B self();

  /**
   * The tokenizer and the ids that end a text, of a model with the same vocabulary, such as an
   * expert. What the server calls its end-of-text token ends a text, too, where it says so.
   *
   * @param source a model with a tokenizer
   * @return this builder
   * @throws IllegalArgumentException if it has none
   */
  public B vocabularyOf(LogitSource source) {
    vocabulary = Vocabulary.of(source);
    return self();
  }

  /**
   * The same of a checkpoint folder, of which its tokenizer and {@code generation_config.json} are
   * read.
   *
   * @param folder a folder with {@code tokenizer.json}
   * @return this builder
   * @throws io.proxytune.CheckpointException if a file is missing or broken
   */
  public B vocabularyOf(Path folder) {
    vocabulary = Vocabulary.of(folder);
    return self();
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
  public B apiKeyFile(Path file) {
    key = ApiKey.ofFile(file);
    return self();
  }

  /**
   * The key that the server asks for, of an environment variable.
   *
   * @param name its name
   * @return this builder
   * @throws IllegalArgumentException if it is not set, or empty
   */
  public B apiKeyVariable(String name) {
    key = ApiKey.ofVariable(name, System.getenv());
    return self();
  }

  /**
   * How long the server is waited for; {@link ServerSettings#defaults()} if not set.
   *
   * @param given the settings
   * @return this builder
   */
  public B settings(ServerSettings given) {
    settings = requireNonNull(given, "settings");
    return self();
  }

  /**
   * How many rows are asked for at once at most.
   *
   * @param requests at least 1
   * @return this builder
   */
  public B parallel(int requests) {
    checkArgument(requests >= 1, "parallel requests must be >= 1, got %s", requests);
    parallel = OptionalInt.of(requests);
    return self();
  }

  OptionalInt parallel() {
    return parallel;
  }

  Endpoint endpoint() {
    return new Endpoint(server, key, settings);
  }

  Vocabulary vocabulary() {
    checkState(
        vocabulary != null,
        "what the ids of the server's model mean is not known: call vocabularyOf(...) with an"
            + " expert or its folder");
    return requireNonNull(vocabulary);
  }
}
