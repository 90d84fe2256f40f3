package io.proxytune.core.prefix;

import io.proxytune.model.LogitSession;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is kept of one model, in the order of the tokens. Of all that is kept, what shares the most
 * first tokens with a prompt stands beside the prompt's own place. None is the beginning of
 * another. For one thread at a time.
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
  }

  /** The one that shares the most first tokens. */
  Optional<Entry> longest(int[] tokens) {
    return Stream.of(
            Optional.ofNullable(byTokens.floorEntry(tokens)),
            Optional.ofNullable(byTokens.ceilingEntry(tokens)))
        .flatMap(Optional::stream)
        .map(Map.Entry::getValue)
        .max(Comparator.comparingInt(entry -> entry.sharedWith(tokens)));
  }

  /** Whether all of these tokens were read by one that is kept. */
  boolean has(int[] tokens) {
    Map.Entry<int[], Entry> next = byTokens.ceilingEntry(tokens);
    return next != null && next.getValue().sharedWith(tokens) == tokens.length;
  }

  /**
   * Adds one whose tokens none has.
   *
   * @return the one that it continues, which is no longer here
   */
  Optional<Entry> put(Entry entry) {
    // Whatever stood between a beginning and what continues it would begin so, too.
    Map.Entry<int[], Entry> before = byTokens.lowerEntry(entry.tokens);
    Optional<Entry> continued =
        Optional.ofNullable(before).map(Map.Entry::getValue).filter(e -> e.begins(entry.tokens));
    continued.ifPresent(this::remove);
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
