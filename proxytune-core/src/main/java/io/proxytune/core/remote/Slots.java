package io.proxytune.core.remote;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A server's places for sequences. Who comes back gets the place that it had, where the server
 * still has its KV cache, if it is free, and else the one that was left longest ago. Safe for use
 * by several threads.
 */
final class Slots {
  private static final int LOOK_MILLIS = 10;

  private final Deque<Integer> free = new ArrayDeque<>(); // guarded by this

  Slots(int count) {
    for (int slot = 0; slot < count; slot++) {
      free.add(slot);
    }
  }

  /**
   * Waits for a place.
   *
   * @param before the place that it had, or −1
   * @param givenUp ends the wait
   * @throws CancellationException if it was given up, or this thread was interrupted, which it
   *     stays
   */
  synchronized int take(int before, BooleanSupplier givenUp) {
    while (free.isEmpty()) {
      if (givenUp.getAsBoolean()) {
        throw new CancellationException("nobody waits for the rows any more");
      }
      try {
        wait(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while waiting for a slot of the server");
      }
    }
    return tryTake(before);
  }

  /**
   * Takes a place if one is free.
   *
   * @param before the place that it had, or −1
   * @return a place, or −1
   */
  synchronized int tryTake(int before) {
    if (free.remove((Integer) before)) {
      return before;
    }
    return free.isEmpty() ? -1 : free.remove();
  }

  /** Leaves a place. */
  synchronized void leave(int slot) {
    free.add(slot);
    notifyAll();
  }
}
