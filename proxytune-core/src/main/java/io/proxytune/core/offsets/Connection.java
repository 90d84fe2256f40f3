package io.proxytune.core.offsets;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One engine: it is greeted, and its steps are answered in their order. On a thread of its own. */
final class Connection implements Runnable, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Connection.class);

  /** Rows of a model are padded, but not to many times its vocabulary. */
  private static final int MOST_PADDING = 1 << 16;

  private final SocketChannel channel;
  private final OffsetModels models;
  private final OffsetLimits limits;
  private final OffsetEngine engine;
  private final Counters counters;
  private volatile boolean greeted;

  Connection(
      SocketChannel channel,
      OffsetModels models,
      OffsetLimits limits,
      OffsetEngine engine,
      Counters counters) {
    this.channel = channel;
    this.models = models;
    this.limits = limits;
    this.engine = engine;
    this.counters = counters;
  }

  /** Ends the connection unless the client says hello in time. */
  void expectHello(long seconds) {
    CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS)
        .execute(
            () -> {
              if (!greeted) {
                close();
              }
            });
  }

  @Override
  public void run() {
    try (channel) {
      try {
        Optional<ByteBuffer> first = Messages.read(channel, limits.messageBytes());
        if (first.isPresent()) {
          serve(Hello.read(new MessageReader(first.get())));
        }
      } catch (FaultException e) {
        logger.info("A client of the offsets is refused: {}", e.getMessage());
        send(Messages.refused(e));
      }
    } catch (IOException e) {
      logger.debug("A client of the offsets has gone", e);
    }
  }

  private void serve(Hello hello) throws IOException {
    check(hello);
    greeted = true;
    counters.connections.increment();
    send(Messages.ready(hello, models, limits));
    Client client = new Client(hello);
    try {
      Optional<ByteBuffer> message = Messages.read(channel, limits.messageBytes());
      while (message.isPresent()) {
        Step step = Step.read(new MessageReader(message.get()));
        send(await(engine.submit(client, step)).message());
        message = Messages.read(channel, limits.messageBytes());
      }
    } finally {
      engine.leave(client);
    }
  }

  private static Answer await(CompletableFuture<Answer> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OffsetEngine.closing();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof FaultException failure
          ? failure
          : new FaultException(Fault.MODEL, "the server that steers failed: " + e.getCause());
    }
  }

  private void check(Hello hello) {
    int size = models.vocabularySize();
    boolean same =
        hello.vocabularySize() == size && Arrays.equals(hello.fingerprint(), models.fingerprint());
    if (!same || hello.width() > 2L * size + MOST_PADDING) {
      throw new FaultException(
          Fault.VOCABULARY,
          "the engine has a vocabulary of "
              + hello.vocabularySize()
              + " ids with rows of "
              + hello.width()
              + ", and this server was started for one of "
              + size
              + (hello.vocabularySize() == size ? " with other tokens" : "")
              + ": start it with the tokenizer of the engine's model");
    }
    if (hello.longest() > models.contextLength()) {
      throw new FaultException(
          Fault.LIMIT,
          "the engine's requests may have "
              + hello.longest()
              + " tokens, and the experts' contexts hold "
              + models.contextLength()
              + ": let the engine have no longer ones");
    }
    if (hello.requests() > limits.requests()) {
      throw new FaultException(
          Fault.LIMIT,
          "the engine may have "
              + hello.requests()
              + " requests at once, and this server takes "
              + limits.requests());
    }
  }

  /** Says why nothing is served. What does not fit into the socket at once is left out. */
  void refuse(FaultException failure) {
    try (channel) {
      channel.configureBlocking(false);
      channel.write(Messages.refused(failure));
    } catch (IOException e) {
      logger.debug("A client of the offsets has gone", e);
    }
  }

  private void send(ByteBuffer... message) throws IOException {
    for (ByteBuffer part : message) {
      while (part.hasRemaining()) {
        channel.write(part);
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      logger.debug("A connection is not closed", e);
    }
  }
}
