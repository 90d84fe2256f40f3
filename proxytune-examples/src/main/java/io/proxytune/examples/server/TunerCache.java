package io.proxytune.examples.server;

import io.proxytune.ProxyTuner;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tuners by the strengths of their pairs. They share the weights, so that one costs little; but a
 * slider has many positions, so that those used least lately are closed, once nobody uses them.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class TunerCache implements AutoCloseable {
  private static final int KEPT = 32;

  private final Function<List<Double>, ProxyTuner> maker;
  private final Map<List<Double>, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /** A tuner, and how many requests use it. */
  private static final class Entry {
    private final ProxyTuner tuner;
    private int users;

    Entry(ProxyTuner tuner) {
      this.tuner = tuner;
    }
  }

  TunerCache(Function<List<Double>, ProxyTuner> maker) {
    this.maker = maker;
  }

  /** A tuner that stays open until this is closed. For one thread. */
  final class Lease implements AutoCloseable {
    private final List<Double> strengths;
    private final Entry entry;
    private boolean returned;

    private Lease(List<Double> strengths, Entry entry) {
      this.strengths = strengths;
      this.entry = entry;
    }

    ProxyTuner tuner() {
      return entry.tuner;
    }

    /** Whether pairs are there, of whatever strength. */
    boolean steered() {
      return !strengths.isEmpty();
    }

    @Override
    public void close() {
      if (!returned) {
        returned = true;
        giveBack(entry);
      }
    }
  }

  /** The tuner of these strengths, made now unless it is there. */
  synchronized Lease lease(List<Double> strengths) {
    if (closed) {
      throw ApiException.unavailable("shutting_down", "the server is shutting down");
    }
    Entry entry = entries.get(strengths);
    if (entry == null) {
      entry = new Entry(maker.apply(strengths));
      entries.put(strengths, entry);
    }
    entry.users++;
    shrink();
    return new Lease(strengths, entry);
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
