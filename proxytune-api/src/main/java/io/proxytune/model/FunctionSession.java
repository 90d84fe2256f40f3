package io.proxytune.model;

import static io.proxytune.internal.Checks.checkArgument;
import static io.proxytune.internal.Checks.checkState;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The ids of one sequence of a {@link FunctionLogitSource}. */
final class FunctionSession implements LogitSession {
  private final FunctionLogitSource source;
  private final int capacity;
  private final List<Integer> ids;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private volatile boolean closed;

  FunctionSession(FunctionLogitSource source, int capacity, List<Integer> ids) {
    source.checkOpen();
    checkArgument(
        capacity >= Math.max(1, ids.size()) && capacity <= source.contextLength(),
        "source '%s': capacity must be in [%s, %s], got %s",
        source.name(),
        Math.max(1, ids.size()),
        source.contextLength(),
        capacity);
    this.source = source;
    this.capacity = capacity;
    this.ids = new ArrayList<>(ids);
  }

  @Override
  public LogitModel source() {
    return source;
  }

  @Override
  public int position() {
    return ids.size();
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void truncate(int position) {
    acquire();
    try {
      checkArgument(
          position >= 0 && position <= ids.size(),
          "position must be in [0, %s], got %s",
          ids.size(),
          position);
      cutTo(position);
    } finally {
      release();
    }
  }

  @Override
  public LogitSession fork(int newCapacity) {
    acquire();
    try {
      return new FunctionSession(source, newCapacity, ids);
    } finally {
      release();
    }
  }

  @Override
  public LogitSession fork(int tokens, int newCapacity) {
    acquire();
    try {
      checkArgument(
          tokens >= 0 && tokens <= ids.size(),
          "a fork can hold from 0 tokens to the %s held, got %s",
          ids.size(),
          tokens);
      return new FunctionSession(source, newCapacity, ids.subList(0, tokens));
    } finally {
      release();
    }
  }

  @Override
  public void close() {
    closed = true;
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

  void add(int id) {
    ids.add(id);
  }

  void cutTo(int position) {
    ids.subList(position, ids.size()).clear();
  }

  List<Integer> ids() {
    return Collections.unmodifiableList(ids);
  }
}
