package io.proxytune.core.offsets;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs a batch on a thread of its own, to which clients bring their steps. Safe for use by several
 * threads.
 */
final class OffsetEngine implements AutoCloseable {
  private final OffsetBatch batch;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrivals = lock.newCondition();
  private final Deque<Runnable> arrived = new ArrayDeque<>();
  private boolean closed;

  /**
   * Starts the thread.
   *
   * @param batch used by that thread alone from now on
   */
  OffsetEngine(OffsetBatch batch) {
    this.batch = batch;
    this.thread = new Thread(this::run, "proxytune-offsets");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Does what a client asks for.
   *
   * @return its answer; a {@link FaultException} where the connection has to end
   */
  CompletableFuture<Answer> submit(Client client, Step step) {
    CompletableFuture<Answer> done = new CompletableFuture<>();
    if (!arrive(() -> batch.begin(client, step, done))) {
      done.completeExceptionally(closing());
    }
    return done;
  }

  /** A client has gone, and its requests with it. */
  void leave(Client client) {
    arrive(() -> batch.leave(client));
  }

  static FaultException closing() {
    return new FaultException(Fault.CLOSING, "the server that steers is being ended");
  }

  private boolean arrive(Runnable task) {
    lock.lock();
    try {
      if (!closed) {
        arrived.add(task);
        arrivals.signal();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (awaitWork()) {
      take().forEach(Runnable::run);
      batch.round();
    }
    take().forEach(Runnable::run); // so that whoever waits is told
    batch.close();
  }

  /** Waits until there is something to do; false at the end. */
  private boolean awaitWork() {
    lock.lock();
    try {
      while (arrived.isEmpty() && batch.isIdle() && !closed) {
        arrivals.awaitUninterruptibly();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private List<Runnable> take() {
    lock.lock();
    try {
      List<Runnable> tasks = new ArrayList<>(arrived);
      arrived.clear();
      return tasks;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all requests; a pass that is under way ends first. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrivals.signal();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
