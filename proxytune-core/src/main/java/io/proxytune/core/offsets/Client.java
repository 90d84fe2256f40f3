package io.proxytune.core.offsets;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** An engine that is connected, with its requests. For the thread that runs the experts. */
final class Client {
  private final RowFormat format;
  private final int width;
  private final Map<Long, OffsetText> texts = new HashMap<>();
  private final Map<Long, FaultException> failed = new HashMap<>();
  private ByteBuffer rows = ByteBuffer.allocateDirect(0);

  Client(Hello hello) {
    this.format = hello.format();
    this.width = hello.width();
  }

  Map<Long, OffsetText> texts() {
    return texts;
  }

  /** Requests that failed while nobody waited for them, who are to be told. */
  Map<Long, FaultException> failed() {
    return failed;
  }

  int rowBytes() {
    return width * format.bytes();
  }

  /** Memory for one answer after the other. */
  ByteBuffer room(int count) {
    int bytes = Math.multiplyExact(count, rowBytes());
    if (rows.capacity() < bytes) {
      rows = ByteBuffer.allocateDirect(bytes);
    }
    return rows.clear().limit(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes a row, with 0 for what the engine has no token for. */
  void put(ByteBuffer to, int index, float[] offset) {
    int count = Math.min(width, offset.length);
    int start = index * rowBytes();
    format.put(to.position(start), offset, count);
    for (int at = start + count * format.bytes(); at < start + rowBytes(); at++) {
      to.put(at, (byte) 0);
    }
  }
}
