package io.proxytune.examples.tasks.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Takes all that a program writes, and keeps the end of it: a flood fills no memory, and a program
 * that nobody listens to would stand still. A thread of its own reads; another may ask.
 */
final class Tail implements AutoCloseable {
  private static final int KEPT = 4096;

  private final InputStream in;
  private final Thread reader;
  private final CountDownLatch begun = new CountDownLatch(1);
  private byte[] end = new byte[0];
  private boolean any;

  private Tail(InputStream in) {
    this.in = in;
    this.reader = new Thread(this::read, "proxytune-sandbox-output");
    reader.setDaemon(true);
  }

  static Tail of(InputStream in) {
    Tail tail = new Tail(in);
    tail.reader.start();
    return tail;
  }

  private void read() {
    byte[] buffer = new byte[1 << 16];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        add(buffer, count);
      }
    } catch (IOException e) {
      // It was closed: the program is over, or it is of no interest any more.
    }
    begun.countDown();
  }

  private synchronized void add(byte[] buffer, int count) {
    byte[] all = new byte[end.length + count];
    System.arraycopy(end, 0, all, 0, end.length);
    System.arraycopy(buffer, 0, all, end.length, count);
    int from = Math.max(0, all.length - KEPT);
    end = Arrays.copyOfRange(all, from, all.length);
    any = true;
    begun.countDown();
  }

  /** Waits for the first of it; false if there is none, or not in time. */
  boolean awaitBegin(Duration limit) throws InterruptedException {
    boolean unused = begun.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    synchronized (this) {
      return any;
    }
  }

  /** The end of all that was written, once the program is over. */
  String text() throws InterruptedException {
    reader.join(1000);
    synchronized (this) {
      return new String(end, UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
