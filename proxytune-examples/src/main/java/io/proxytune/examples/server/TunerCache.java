package io.proxytune.examples.server;

import io.proxytune.ProxyTuner;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tuners by what steers them. They share the weights, so that one costs little; but a slider has
 * many positions, so that those used least lately are closed, once nobody uses them.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class TunerCache implements AutoCloseable {
  private static final int KEPT = 32;

  private final Function<Steering, ProxyTuner> maker;
  private final Map<Steering, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /**
   * What a request asks for.
   *
   * @param fused whether other models than the base take part
   * @param strengths of each pair
   */
  record Steering(boolean fused, List<Double> strengths) {
    static final Steering NONE = new Steering(false, List.of());
  }

  /** A tuner, and how many requests use it. */
  private static final class Entry {
    private final ProxyTuner tuner;
    private int users;

    Entry(ProxyTuner tuner) {
      this.tuner = tuner;
    }
  }

  TunerCache(Function<Steering, ProxyTuner> maker) {
    this.maker = maker;
  }

  /** A tuner that stays open until this is closed. For one thread. */
  final class Lease implements AutoCloseable {
    private final Steering steering;
    private final Entry entry;
    private boolean returned;

    private Lease(Steering steering, Entry entry) {
      this.steering = steering;
      this.entry = entry;
    }

    ProxyTuner tuner() {
      return entry.tuner;
    }

    /** Whether other models than the base are there, of whatever strength. */
    boolean steered() {
      return steering.fused;
    }

    @Override
    public void close() {
      if (!returned) {
        returned = true;
        giveBack(entry);
      }
    }
  }

  /** The tuner that steers so, made now unless it is there. */
  synchronized Lease lease(Steering steering) {
    if (closed) {
      throw ApiException.unavailable("shutting_down", "the server is shutting down");
    }
    Entry entry = entries.get(steering);
    if (entry == null) {
      entry = new Entry(maker.apply(steering));
      entries.put(steering, entry);
    }
    entry.users++;
    shrink();
    return new Lease(steering, entry);
  }

  private synchronized void giveBack(Entry entry) {
    entry.users--;
    shrink();
  }

  private void shrink() {
    Iterator<Entry> eldestFirst = entries.values().iterator();
    while (entries.size() > KEPT && eldestFirst.hasNext()) {
      Entry entry = eldestFirst.next();
      if (entry.users == 0) {
        eldestFirst.remove();
        entry.tuner.close();
      }
    }
  }

  synchronized int size() {
    return entries.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    List<Entry> open = new ArrayList<>(entries.values());
    entries.clear();
    open.forEach(entry -> entry.tuner.close());
  }
}
