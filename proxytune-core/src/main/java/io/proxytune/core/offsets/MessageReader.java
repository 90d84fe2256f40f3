package io.proxytune.core.offsets;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a message's numbers, which are little-endian; what is not there is refused by its name. For
 * one thread.
 */
final class MessageReader {
  private final ByteBuffer message;

  MessageReader(ByteBuffer message) {
    this.message = message.order(ByteOrder.LITTLE_ENDIAN);
  }

  private void require(long bytes, String what) {
    if (message.remaining() < bytes) {
      throw new FaultException(
          Fault.MALFORMED,
          "the message ends before "
              + what
              + ": "
              + message.remaining()
              + " bytes are left of at least "
              + bytes);
    }
  }

  int u8(String what) {
    require(Byte.BYTES, what);
    return message.get() & 0xff;
  }

  int u16(String what) {
    require(Short.BYTES, what);
    return message.getShort() & 0xffff;
  }

  /** A number that has to be below 2³¹. */
  int u32(String what) {
    require(Integer.BYTES, what);
    int value = message.getInt();
    if (value < 0) {
      throw new FaultException(
          Fault.MALFORMED,
          what + " must be below 2147483648, got " + Integer.toUnsignedString(value));
    }
    return value;
  }

  long u64(String what) {
    require(Long.BYTES, what);
    return message.getLong();
  }

  double finite(String what) {
    require(Double.BYTES, what);
    double value = message.getDouble();
    if (!Double.isFinite(value)) {
      throw new FaultException(Fault.MALFORMED, what + " must be finite, got " + value);
    }
    return value;
  }

  byte[] bytes(int count, String what) {
    require(count, what);
    byte[] bytes = new byte[count];
    message.get(bytes);
    return bytes;
  }

  /** How many of something follow, each of which takes some bytes of this message. */
  int count(int leastBytes, String what) {
    int count = u32("the number of " + what);
    require((long) count * leastBytes, what);
    return count;
  }

  /** Refuses a number of things that the rest of this message has no room for. */
  void left(int count, int bytes, String what) {
    require((long) count * bytes, what);
  }

  int[] ids(int count) {
    require((long) count * Integer.BYTES, "token ids");
    int[] ids = new int[count];
    message.asIntBuffer().get(ids);
    message.position(message.position() + count * Integer.BYTES);
    return ids;
  }

  void end() {
    if (message.hasRemaining()) {
      throw new FaultException(
          Fault.MALFORMED, "the message goes on for " + message.remaining() + " bytes too many");
    }
  }
}
