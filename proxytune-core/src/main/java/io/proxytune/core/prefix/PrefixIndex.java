package io.proxytune.core.prefix;

import com.google.common.collect.Iterators;
import com.google.common.collect.Streams;
import io.proxytune.model.LogitSession;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/**
 * What is kept of one model, in the order of the tokens. Of all that is kept, what shares the most
 * first tokens with a prompt stands beside the prompt's own place. None is the beginning of
 * another, unless the other no longer {@linkplain WindowedSession#holds holds} it. For one thread
 * at a time.
 */
final class PrefixIndex {
  private final NavigableMap<int[], Entry> byTokens = new TreeMap<>(Arrays::compare);

  /** A session and what it has read. */
  static final class Entry {
    private final int[] tokens;
    private final LogitSession session;
    private final long bytes;
    private long lastUse;

    Entry(int[] tokens, LogitSession session, long bytes) {
      this.tokens = tokens;
      this.session = session;
      this.bytes = bytes;
    }

    LogitSession session() {
      return session;
    }

    long bytes() {
      return bytes;
    }

    long lastUse() {
      return lastUse;
    }

    void use(long time) {
      lastUse = time;
    }

    /** How many first tokens are the same. */
    int sharedWith(int[] others) {
      int different = Arrays.mismatch(tokens, others);
      return different < 0 ? others.length : different;
    }

    private boolean begins(int[] others) {
      return sharedWith(others) == tokens.length;
    }

    private boolean holds(int count) {
      return WindowedSession.holds(session, count);
    }
  }

  /**
   * What gives the beginning of a prompt.
   *
   * @param tokens how many first tokens, at least 1
   */
  record Found(Entry entry, int tokens) {}

  /** All, what shares the most first tokens first: the further from their place, the less. */
  private Stream<Entry> bySharing(int[] tokens) {
    return Streams.stream(
        Iterators.mergeSorted(
            List.of(
                byTokens.headMap(tokens, true).descendingMap().values().iterator(),
                byTokens.tailMap(tokens, false).values().iterator()),
            Comparator.comparingInt((Entry entry) -> entry.sharedWith(tokens)).reversed()));
  }

  /**
   * The one that gives the most first tokens.
   *
   * @param usable how many are of use where so many are shared; never fewer where more are
   */
  Optional<Found> longest(int[] tokens, IntUnaryOperator usable) {
    return bySharing(tokens)
        .map(entry -> new Found(entry, usable.applyAsInt(entry.sharedWith(tokens))))
        .takeWhile(found -> found.tokens > 0)
        .filter(found -> found.entry.holds(found.tokens))
        .findFirst();
  }

  /** Whether one gives all of these tokens. */
  boolean has(int[] tokens) {
    return bySharing(tokens)
        .takeWhile(entry -> entry.sharedWith(tokens) == tokens.length)
        .anyMatch(entry -> entry.holds(tokens.length));
  }

  /**
   * Adds one whose tokens none has.
   *
   * @return those that it continues and still holds, which are no longer here
   */
  List<Entry> put(Entry entry) {
    List<Entry> continued =
        byTokens.headMap(entry.tokens, true).values().stream()
            .filter(before -> before.begins(entry.tokens) && entry.holds(before.tokens.length))
            .toList();
    continued.forEach(this::remove);
    byTokens.put(entry.tokens, entry);
    return continued;
  }

  void remove(Entry entry) {
    byTokens.remove(entry.tokens);
  }

  /** The one that was used least recently, of at least one. */
  Entry oldest() {
    return byTokens.values().stream().min(Comparator.comparingLong(Entry::lastUse)).orElseThrow();
  }

  boolean isEmpty() {
    return byTokens.isEmpty();
  }

  int size() {
    return byTokens.size();
  }
}
