package io.proxytune.core.offsets;

import static java.util.Objects.requireNonNullElse;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Messages as they are sent: a length and so many bytes, of which the first is the type. */
final class Messages {
  static final int READY = 2;
  static final int REFUSED = 5;
  private static final int MOST_TEXT = 2000;
  private static final int FIRST_ROOM = 64 << 10;

  private Messages() {}

  /**
   * Reads a message. Memory is taken as its bytes come, whatever length it claims.
   *
   * @param most the longest that is read
   * @return its bytes behind the length; nothing where the client has gone
   * @throws FaultException where it is longer, or empty
   */
  static Optional<ByteBuffer> read(ReadableByteChannel from, int most) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (length.hasRemaining()) {
      if (from.read(length) < 0) {
        return end(length.position());
      }
    }
    long bytes = Integer.toUnsignedLong(length.getInt(0));
    if (bytes < 1 || bytes > most) {
      throw new FaultException(
          Fault.MALFORMED, "a message has from 1 to " + most + " bytes, got " + bytes);
    }
    ByteBuffer message = ByteBuffer.allocate((int) Math.min(bytes, FIRST_ROOM));
    while (message.position() < bytes) {
      if (!message.hasRemaining()) {
        int room = (int) Math.min(bytes, 2L * message.capacity());
        message = ByteBuffer.allocate(room).put(message.flip());
      }
      if (from.read(message) < 0) {
        return end(message.position());
      }
    }
    return Optional.of(message.flip());
  }

  private static Optional<ByteBuffer> end(int read) throws IOException {
    if (read > 0) {
      throw new EOFException("the connection ended within a message");
    }
    return Optional.empty();
  }

  /** What a client is told of a failure, in UTF-8. */
  static byte[] text(FaultException failure) {
    return utf8(requireNonNullElse(failure.getMessage(), failure.fault().name()));
  }

  private static byte[] utf8(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MOST_TEXT ? bytes : Arrays.copyOf(bytes, MOST_TEXT);
  }

  /** Says why the connection ends. */
  static ByteBuffer refused(FaultException failure) {
    byte[] text = text(failure);
    return frame(1 + 2 * Short.BYTES + text.length, REFUSED)
        .putShort((short) failure.fault().code())
        .putShort((short) text.length)
        .put(text)
        .flip();
  }

  /** Greets a client. */
  static ByteBuffer ready(Hello hello, OffsetModels models, OffsetLimits limits) {
    List<byte[]> names = models.names().stream().map(Messages::utf8).toList();
    byte[] magic = Hello.magic();
    int size = 1 + magic.length + Short.BYTES + 2 + 4 * Integer.BYTES + Short.BYTES;
    size += names.stream().mapToInt(name -> Double.BYTES + Short.BYTES + name.length).sum();
    ByteBuffer message =
        frame(size, READY)
            .put(magic)
            .putShort((short) Hello.VERSION)
            .put((byte) hello.format().code())
            .put((byte) 0)
            .putInt(hello.width())
            .putInt(models.contextLength())
            .putInt(limits.requests())
            .putInt(limits.messageBytes())
            .putShort((short) names.size());
    for (int pair = 0; pair < names.size(); pair++) {
      byte[] name = names.get(pair);
      message.putDouble(models.pairs().get(pair).alpha()).putShort((short) name.length).put(name);
    }
    return message.flip();
  }

  private static ByteBuffer frame(int size, int type) {
    return ByteBuffer.allocate(Integer.BYTES + size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(size)
        .put((byte) type);
  }
}
