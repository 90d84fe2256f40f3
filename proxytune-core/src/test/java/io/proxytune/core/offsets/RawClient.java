package io.proxytune.core.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Writes and reads the protocol's bytes as OFFSETS.md has them, without the server's classes. */
final class RawClient implements AutoCloseable {
  private final SocketChannel channel;
  private final int width;
  private final int format;
  private final List<byte[]> leaves = new ArrayList<>();
  private final List<byte[]> joins = new ArrayList<>();
  private final List<byte[]> reads = new ArrayList<>();
  private long number;

  /** What a step gave: rows and codes of failures by request. */
  record Rows(Map<Long, float[]> rows, Map<Long, Integer> failures) {}

  RawClient(Path socket, int width, int format) throws IOException {
    this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    this.width = width;
    this.format = format;
  }

  static ByteBuffer bytes(int room) {
    return ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] content(ByteBuffer all) {
    byte[] content = new byte[all.flip().remaining()];
    all.get(content);
    return content;
  }

  static byte[] hello(int version, int format, int width, int size, byte[] print, int... most) {
    return bytes(61)
        .put((byte) 1)
        .put("PTOFFSET".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) version)
        .put((byte) format)
        .put((byte) 0)
        .putInt(width)
        .putInt(size)
        .put(print)
        .putInt(most.length > 0 ? most[0] : 0)
        .putInt(most.length > 1 ? most[1] : 0)
        .array();
  }

  void send(byte[] body) throws IOException {
    ByteBuffer frame = bytes(4 + body.length).putInt(body.length).put(body).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }

  void sendRaw(byte[] all) throws IOException {
    channel.write(ByteBuffer.wrap(all));
  }

  /** A message, or nothing at the end. */
  ByteBuffer receive() throws IOException {
    ByteBuffer length = exactly(4);
    return length.remaining() < 4 ? length.limit(0) : exactly(length.getInt());
  }

  private ByteBuffer exactly(int count) throws IOException {
    ByteBuffer into = bytes(count);
    while (into.hasRemaining() && channel.read(into) >= 0) {
      Thread.onSpinWait();
    }
    return into.flip();
  }

  RawClient greet(int size, byte[] print) throws IOException {
    send(hello(1, format, width, size, print));
    assertThat(receive().get(0)).isEqualTo((byte) 2);
    return this;
  }

  /** The code that a refused connection ends with; nothing where it just ends. */
  OptionalInt refusal() throws IOException {
    ByteBuffer message = receive();
    return message.hasRemaining() && message.get() == 5
        ? OptionalInt.of(message.getShort())
        : OptionalInt.empty();
  }

  RawClient leave(long request) {
    leaves.add(bytes(8).putLong(request).array());
    return this;
  }

  RawClient join(long request, int room, double... alphas) {
    ByteBuffer join = bytes(14 + 10 * alphas.length).putLong(request).putInt(room);
    join.putShort((short) alphas.length);
    for (int pair = 0; pair < alphas.length; pair++) {
      join.putShort((short) pair).putDouble(alphas[pair]);
    }
    joins.add(content(join));
    return this;
  }

  RawClient read(long request, int kept, boolean wanted, int... ids) {
    ByteBuffer read = bytes(17 + 4 * ids.length).putLong(request).putInt(kept);
    read.put((byte) (wanted ? 1 : 0)).putInt(ids.length);
    for (int id : ids) {
      read.putInt(id);
    }
    reads.add(content(read));
    return this;
  }

  /** The bytes of what was asked for. */
  byte[] step() {
    int size =
        21
            + List.of(leaves, joins, reads).stream()
                .flatMap(List::stream)
                .mapToInt(part -> part.length)
                .sum();
    ByteBuffer step = bytes(size).put((byte) 3).putLong(++number);
    step.putInt(leaves.size()).putInt(joins.size()).putInt(reads.size());
    for (List<byte[]> parts : List.of(leaves, joins, reads)) {
      parts.forEach(step::put);
      parts.clear();
    }
    return content(step);
  }

  Rows run() throws IOException {
    send(step());
    return rows();
  }

  Rows rows() throws IOException {
    ByteBuffer message = receive();
    assertThat(message.get()).isEqualTo((byte) 4);
    assertThat(message.getLong()).isEqualTo(number);
    int rows = message.getInt();
    Map<Long, Integer> failures = new LinkedHashMap<>();
    for (int left = message.getInt(); left > 0; left--) {
      failures.put(message.getLong(), (int) message.getShort());
      byte[] text = new byte[message.getShort()];
      message.get(text);
      assertThat(new String(text, StandardCharsets.UTF_8)).isNotBlank();
    }
    long[] requests = new long[rows];
    message.asLongBuffer().get(requests);
    message.position(message.position() + 8 * rows);
    Map<Long, float[]> byRequest = new LinkedHashMap<>();
    for (long request : requests) {
      float[] row = new float[width];
      for (int id = 0; id < width; id++) {
        row[id] = format == 1 ? message.getFloat() : half(message.getShort());
      }
      byRequest.put(request, row);
    }
    assertThat(message.hasRemaining()).isFalse();
    return new Rows(byRequest, failures);
  }

  /** The number that 16 bits are, by their definition. */
  static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude =
        exponent == 31
            ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
            : exponent == 0
                ? fraction * Math.pow(2, -24)
                : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
    return (float) (bits < 0 ? -magnitude : magnitude);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
