package io.proxytune.bench;

import io.proxytune.ChatMessage;
import io.proxytune.ExpertPair;
import io.proxytune.Tokenizer;
import io.proxytune.core.TorchModels;
import io.proxytune.core.offsets.OffsetServer;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of an engine whose base is simulated to take 30 ms: tokens go out before it, and offsets
 * come back behind it. Experts that cost nothing show the way through the socket, as far as the
 * base does not hide it; with {@code baseMillis} 0 it is all of it. Others are of random weights,
 * of 768 × 12 or 96 × 3; their texts have 2,048 tokens at most.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 3)
@Fork(1)
@State(Scope.Benchmark)
public class OffsetsBenchmark {
  private static final int WIDTH = 32_000;
  private static final int CONTEXT = 1 << 20;
  private static final int PAIR_OF_BYTES = 2;

  /** How many texts the engine has. */
  @Param({"1", "16", "64"})
  public int rows;

  /** How long the base takes. */
  @Param({"30", "0"})
  public int baseMillis;

  /** Which models steer. */
  @Param({"free", "small", "tiny"})
  public String pair;

  private LogitModel expert;
  private LogitModel antiExpert;
  private Path folder;
  private OffsetServer server;
  private SocketChannel engine;
  private ByteBuffer step;
  private ByteBuffer answer;
  private int position;

  /** Starts the server, and joins the texts. */
  @Setup
  public void open() throws IOException {
    folder = Files.createTempDirectory("offsets");
    if (!pair.equals("free")) {
      ModelShape shape = pair.equals("small") ? ModelShape.SMALL : ModelShape.TINY;
      expert = numbered(TorchModels.load(RandomCheckpoint.in(DataFolder.path(), shape, 2)));
      antiExpert = numbered(TorchModels.load(RandomCheckpoint.in(DataFolder.path(), shape, 3)));
    } else {
      float[] some = new float[WIDTH];
      for (int id = 0; id < WIDTH; id++) {
        some[id] = id % 7;
      }
      expert = model("expert", some);
      antiExpert = model("anti-expert", new float[WIDTH]);
    }
    server =
        OffsetServer.builder()
            .vocabularyOf(expert)
            .pair("pair", ExpertPair.of(expert, antiExpert))
            .start(folder.resolve("s"));
    engine = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()));
    ByteBuffer hello =
        bytes(65)
            .putInt(61)
            .put((byte) 1)
            .put("PTOFFSET".getBytes(StandardCharsets.US_ASCII))
            .putShort((short) 1)
            .putShort((short) PAIR_OF_BYTES) // float16
            .putInt(WIDTH)
            .putInt(WIDTH)
            .put(fingerprint())
            .putLong(0);
    send(hello.flip());
    ByteBuffer length = read(bytes(Integer.BYTES));
    read(bytes(length.getInt(0)));
    step = bytes(25 + rows * (14 + 21));
    answer = bytes(25 + rows * (8 + WIDTH * PAIR_OF_BYTES) - 4);
    step(true);
  }

  private static LogitModel model(String name, float[] row) {
    return FunctionLogitSource.of(name, WIDTH, CONTEXT, ids -> row).withTokenizer(new Numbers());
  }

  /** A model of random weights has no tokenizer. */
  private static LogitModel numbered(LogitModel own) {
    return (LogitModel)
        Proxy.newProxyInstance(
            LogitModel.class.getClassLoader(),
            new Class<?>[] {LogitModel.class},
            (proxy, method, arguments) ->
                method.getName().equals("tokenizer")
                    ? Optional.of(new Numbers())
                    : method.invoke(own, arguments));
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocateDirect(count).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int id = 0; id < WIDTH; id++) {
        byte[] token = Integer.toString(id).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        digest.update(numbers.putInt(id).putInt(token.length).array());
        digest.update(token);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void send(ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      engine.write(message);
    }
  }

  private ByteBuffer read(ByteBuffer into) throws IOException {
    into.clear();
    while (into.hasRemaining()) {
      if (engine.read(into) < 0) {
        throw new EOFException("the server has gone");
      }
    }
    return into;
  }

  private int step(boolean joins) throws IOException {
    step.clear().position(Integer.BYTES);
    step.put((byte) 3).putLong(position).putInt(0).putInt(joins ? rows : 0).putInt(rows);
    for (int text = 0; joins && text < rows; text++) {
      step.putLong(text).putInt(0).putShort((short) 0);
    }
    for (int text = 0; text < rows; text++) {
      step.putLong(text).putInt(position).put((byte) 1).putInt(1).putInt(text);
    }
    step.putInt(0, step.position() - Integer.BYTES);
    send(step.flip());
    if (baseMillis > 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(baseMillis));
    }
    position++;
    return read(answer).get(answer.capacity() - 1);
  }

  /** A step of all texts. */
  @Benchmark
  public int step() throws IOException {
    return step(false);
  }

  /** Frees what is held. */
  @TearDown
  public void close() throws IOException {
    engine.close();
    server.close();
    expert.close();
    antiExpert.close();
    Files.delete(folder);
  }

  /** A vocabulary whose tokens are their ids. */
  private static final class Numbers implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
      return new int[] {Integer.parseInt(text)};
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
      return Integer.toString(ids[0]);
    }

    @Override
    public int vocabularySize() {
      return WIDTH;
    }

    @Override
    public Optional<String> token(int id) {
      return id >= 0 && id < WIDTH ? Optional.of(Integer.toString(id)) : Optional.empty();
    }

    @Override
    public Optional<Integer> id(String token) {
      return Optional.of(Integer.valueOf(token));
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public boolean hasChatTemplate() {
      return false;
    }

    @Override
    public String renderChat(
        List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
      throw new UnsupportedOperationException("no chats");
    }
  }
}
