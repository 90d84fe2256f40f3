package io.proxytune.core.remote;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Requests that are refused, so that they are repeated, once so many of them are there at once. */
final class Together implements FakeLlamaServer.Mishap {
  private final CyclicBarrier all;

  Together(CyclicBarrier all) {
    this.all = all;
  }

  @Override
  public void happen(HttpExchange exchange) throws IOException {
    try {
      int unused = all.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IOException(e);
    }
    FakeLlamaServer.refuse(exchange, 500, "try again");
  }
}
