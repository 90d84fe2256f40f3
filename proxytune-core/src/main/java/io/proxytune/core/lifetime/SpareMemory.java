package io.proxytune.core.lifetime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Memory that is held only to be faster, and given back where the process needs it. Safe for use by
 * several threads.
 */
public final class SpareMemory {
  private static final Set<Holder> holders = ConcurrentHashMap.newKeySet();

  private SpareMemory() {}

  /** What holds such memory. */
  @FunctionalInterface
  public interface Holder {
    /**
     * Gives it back. Called by any thread; it does not wait for another.
     *
     * @return whether there was something that could be given back
     */
    boolean free();
  }

  /**
   * Asks a holder from now on, which is reachable until it is removed.
   *
   * @param holder the holder
   */
  public static void add(Holder holder) {
    holders.add(holder);
  }

  /**
   * Asks it no more.
   *
   * @param holder the holder
   */
  public static void remove(Holder holder) {
    holders.remove(holder);
  }

  /**
   * Has all give back what they hold.
   *
   * @return whether there was something
   */
  public static boolean free() {
    boolean freed = false;
    for (Holder holder : holders) {
      freed |= holder.free();
    }
    return freed;
  }
}
