package io.proxytune.core.offsets;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The offsets that a step asks for, as they come. For the thread that runs the experts, and behind
 * {@link #done} for the one that sends it.
 */
final class Answer {
  static final int TYPE = 4;

  private final Step step;
  private final Client client;
  private final List<Long> wanted = new ArrayList<>();
  private final Map<Long, FaultException> failures = new LinkedHashMap<>();
  private final ByteBuffer rows;
  private final CompletableFuture<Answer> done;
  private int open;

  Answer(Step step, Client client, CompletableFuture<Answer> done) {
    this.step = step;
    this.client = client;
    this.done = done;
    this.rows = client.room((int) step.reads().stream().filter(Step.Read::wanted).count());
  }

  Client client() {
    return client;
  }

  CompletableFuture<Answer> done() {
    return done;
  }

  /** A row that is to come. */
  int want(long request) {
    wanted.add(request);
    open++;
    return wanted.size() - 1;
  }

  void put(int slot, float[] offset) {
    client.put(rows, slot, offset);
    open--;
  }

  /** A request failed before a row was wanted. */
  void fail(long request, FaultException failure) {
    failures.putIfAbsent(request, failure);
  }

  void fail(int slot, FaultException failure) {
    fail(wanted.get(slot), failure);
    open--;
  }

  boolean isComplete() {
    return open == 0;
  }

  int rowCount() {
    return (int) wanted.stream().filter(request -> !failures.containsKey(request)).count();
  }

  /** The message: what comes before the rows, then these. */
  ByteBuffer[] message() {
    List<byte[]> texts = failures.values().stream().map(Messages::text).toList();
    int size = 1 + Long.BYTES + 2 * Integer.BYTES + rowCount() * Long.BYTES;
    size += texts.stream().mapToInt(text -> Long.BYTES + 2 * Short.BYTES + text.length).sum();
    long frame = (long) size + (long) rowCount() * client.rowBytes();
    ByteBuffer head =
        ByteBuffer.allocate(Integer.BYTES + size)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) frame)
            .put((byte) TYPE)
            .putLong(step.number())
            .putInt(rowCount())
            .putInt(failures.size());
    int next = 0;
    for (Map.Entry<Long, FaultException> failure : failures.entrySet()) {
      byte[] text = texts.get(next++);
      head.putLong(failure.getKey())
          .putShort((short) failure.getValue().fault().code())
          .putShort((short) text.length)
          .put(text);
    }
    List<ByteBuffer> parts = new ArrayList<>(List.of(head));
    for (int slot = 0; slot < wanted.size(); slot++) {
      if (!failures.containsKey(wanted.get(slot))) {
        head.putLong(wanted.get(slot));
        parts.add(
            rows.duplicate()
                .clear()
                .position(slot * client.rowBytes())
                .limit((slot + 1) * client.rowBytes()));
      }
    }
    head.flip();
    return failures.isEmpty() && parts.size() > 1
        ? new ByteBuffer[] {head, rows.position(0)}
        : parts.toArray(ByteBuffer[]::new);
  }
}
