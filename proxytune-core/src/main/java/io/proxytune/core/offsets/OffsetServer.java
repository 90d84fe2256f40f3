package io.proxytune.core.offsets;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Experts and anti-experts for a base that another program runs, such as vLLM: it sends the token
 * ids of its requests through a Unix domain socket, and gets the offsets to add to its logits. The
 * protocol is on the page <i>A base in another engine</i> ({@code OFFSETS.md}).
 *
 * <pre>{@code
 * try (OffsetServer server =
 *     OffsetServer.builder()
 *         .vocabularyOf(Path.of("models/base"))
 *         .pair("chat", ExpertPair.of(expert, antiExpert))
 *         .start(Path.of("/run/user/1000/offsets.sock"))) {
 *   …
 * }
 * }</pre>
 *
 * <p>The requests of all clients are in one batch. The socket can be used by its owner alone.
 *
 * <p><b>Threads:</b> safe for use by several threads. <b>Ownership:</b> whoever made the models
 * closes them, after the server.
 */
public final class OffsetServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(OffsetServer.class);
  private static final long HELLO_SECONDS = 10;
  private static final long PAUSE_NANOS = 100_000_000;

  private final OffsetModels models;
  private final OffsetLimits limits;
  private final Counters counters = new Counters();
  private final SocketFile socket;
  private final OffsetEngine engine;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private OffsetServer(OffsetModels models, OffsetLimits limits, SocketFile socket) {
    this.models = models;
    this.limits = limits;
    this.socket = socket;
    this.engine = new OffsetEngine(new OffsetBatch(models, limits, counters));
    daemon(this::acceptAll, "proxytune-offsets-accept");
  }

  /**
   * Begins to describe a server.
   *
   * @return a builder with the usual limits
   */
  public static Builder builder() {
    return new Builder();
  }

  private static void daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void acceptAll() {
    while (!closed.get()) {
      try {
        accept(socket.accept());
      } catch (ClosedChannelException e) {
        logger.debug("No more clients of the offsets are accepted", e);
        return;
      } catch (IOException e) { // such as too many open files
        logger.warn("A client of the offsets can't be accepted", e);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void accept(SocketChannel channel) {
    Connection connection = new Connection(channel, models, limits, engine, counters);
    if (connections.size() >= limits.connections()) {
      connection.refuse(
          new FaultException(
              Fault.BUSY,
              "there are " + limits.connections() + " connections, and no more may be"));
      return;
    }
    connections.add(connection);
    connection.expectHello(HELLO_SECONDS);
    daemon(
        () -> {
          try {
            connection.run();
          } finally {
            connections.remove(connection);
          }
        },
        "proxytune-offsets-client");
    if (closed.get()) {
      connection.close();
    }
  }

  /**
   * Where clients connect.
   *
   * @return the absolute path of the socket
   */
  public Path socket() {
    return socket.path();
  }

  /**
   * The size of the vocabulary that is steered.
   *
   * @return one more than the largest id that has a token
   */
  public int vocabularySize() {
    return models.vocabularySize();
  }

  /**
   * The longest requests that can be steered.
   *
   * @return the tokens that the smallest of the experts' contexts holds
   */
  public int contextLength() {
    return models.contextLength();
  }

  /**
   * What was done so far.
   *
   * @return the counts
   */
  public OffsetStats stats() {
    return counters.stats();
  }

  /** Ends all requests, and tells the clients. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      try (models) {
        socket.close();
        engine.close();
      } finally {
        connections.forEach(Connection::close);
      }
    }
  }

  /** What a server is made of. For one thread. */
  public static final class Builder {
    private final Map<String, ExpertPair> pairs = new LinkedHashMap<>();
    private OffsetLimits limits = OffsetLimits.defaults();
    private @Nullable Tokenizer vocabulary;

    private Builder() {}

    /**
     * Names a folder with the tokenizer of the engine's model.
     *
     * @param folder a checkpoint folder, of which nothing but the tokenizer is read
     * @return this
     * @throws io.proxytune.CheckpointException if there is no tokenizer that can be read
     */
    public Builder vocabularyOf(Path folder) {
      vocabulary = CheckpointTokenizer.open(folder);
      return this;
    }

    /**
     * Names a model that has the vocabulary of the engine's.
     *
     * @param source a model with a tokenizer
     * @return this
     * @throws IllegalArgumentException if it has no tokenizer
     */
    public Builder vocabularyOf(LogitSource source) {
      vocabulary =
          source
              .tokenizer()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "the model '"
                              + source.name()
                              + "' has no tokenizer: name a folder that has one"));
      return this;
    }

    /**
     * Adds a pair. Where a request names none, all steer it, each with its own strength.
     *
     * @param name what requests call it
     * @param pair the models; not closed by the server
     * @return this
     * @throws IllegalArgumentException if the name is empty, longer than 200 characters, or taken
     */
    public Builder pair(String name, ExpertPair pair) {
      checkArgument(
          !name.isEmpty() && name.length() <= 200,
          "the name of a pair has from 1 to 200 characters, got %s",
          name.length());
      requireNonNull(pair, "pair");
      checkArgument(pairs.putIfAbsent(name, pair) == null, "two pairs are named '%s'", name);
      return this;
    }

    /**
     * Bounds what engines may ask for.
     *
     * @param most the limits
     * @return this
     */
    public Builder limits(OffsetLimits most) {
      limits = requireNonNull(most, "limits");
      return this;
    }

    /**
     * Starts the server.
     *
     * @param socket where it listens: a file that is not there, or that a server that was killed
     *     has left; its folder must be there
     * @return the server; the caller closes it before the models
     * @throws IllegalArgumentException if there is no vocabulary or no pair, or the path can't be
     *     used
     * @throws io.proxytune.VocabularyMismatchException if the experts' tokens are not the engine's
     * @throws java.io.UncheckedIOException if the system lets it not listen
     */
    public OffsetServer start(Path socket) {
      checkArgument(
          vocabulary != null, "whose ids are steered is not known: call vocabularyOf(...)");
      OffsetModels models =
          new OffsetModels(requireNonNull(vocabulary), pairs, limits, new TorchLogitMath());
      try {
        return new OffsetServer(models, limits, SocketFile.listen(socket));
      } catch (RuntimeException | Error e) {
        models.close();
        throw e;
      }
    }
  }
}
