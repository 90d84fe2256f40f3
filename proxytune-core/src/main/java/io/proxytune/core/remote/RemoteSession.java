package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/** The ids of one sequence, and the server's slot that it had last. */
final class RemoteSession implements LogitSession {
  private final ServerModel source;
  private final int capacity;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private int[] ids; // of who uses it, as the slot
  private int slot;
  private volatile int position;
  private volatile boolean closed;

  RemoteSession(ServerModel source, int capacity, int[] ids, int slot) {
    source.checkOpen();
    int least = Math.max(1, ids.length);
    checkArgument(
        capacity >= least && capacity <= source.contextLength(),
        "source '%s': capacity must be in [%s, %s], got %s",
        source.name(),
        least,
        source.contextLength(),
        capacity);
    this.source = source;
    this.capacity = capacity;
    this.ids = ids;
    this.position = ids.length;
    this.slot = slot;
  }

  @Override
  public LogitModel source() {
    return source;
  }

  @Override
  public int position() {
    return position;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void truncate(int newPosition) {
    acquire();
    try {
      checkArgument(
          newPosition >= 0 && newPosition <= position,
          "position must be in [0, %s], got %s",
          position,
          newPosition);
      position = newPosition;
    } finally {
      release();
    }
  }

  @Override
  public LogitSession fork(int newCapacity) {
    return fork(position, newCapacity);
  }

  @Override
  public LogitSession fork(int tokens, int newCapacity) {
    acquire();
    try {
      checkArgument(
          tokens >= 0 && tokens <= position,
          "a fork can hold from 0 tokens to the %s held, got %s",
          position,
          tokens);
      return new RemoteSession(source, newCapacity, Arrays.copyOf(ids, tokens), slot);
    } finally {
      release();
    }
  }

  void acquire() {
    checkState(!closed, "a session of source '%s' is closed", source.name());
    checkState(
        inUse.compareAndSet(false, true),
        "a session of source '%s' is in use by another thread",
        source.name());
  }

  void release() {
    inUse.set(false);
  }

  /** The ids that are held and some behind them. */
  int[] followedBy(int[] tokens, int count) {
    int[] all = Arrays.copyOf(ids, position + count);
    System.arraycopy(tokens, 0, all, position, count);
    return all;
  }

  void append(int[] tokens) {
    ids = followedBy(tokens, tokens.length);
    position = ids.length;
  }

  int slot() {
    return slot;
  }

  void setSlot(int taken) {
    slot = taken;
  }

  @Override
  public void close() {
    closed = true;
  }
}
