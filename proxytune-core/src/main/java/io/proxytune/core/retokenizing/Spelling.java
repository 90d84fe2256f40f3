package io.proxytune.core.retokenizing;

import io.proxytune.core.retokenizing.ByteVocabulary.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Own tokens that begin to spell some of the base's: what the model says behind them is divided
 * among those that they may become. For one thread.
 */
final class Spelling {
  private final ByteVocabulary own;
  private final Map<Integer, Spelling> children = new HashMap<>();
  private final List<Rest> rests = new ArrayList<>();
  private final Map<Integer, Child> shares = new HashMap<>();
  private double left;
  private boolean isAsked;
  private boolean isRead;

  /** What is left to spell of one of the base's tokens, and how likely it comes. */
  private static final class Rest {
    private final int baseId;
    private final byte[] bytes;
    private double probability;

    private Rest(int baseId, byte[] bytes) {
      this.baseId = baseId;
      this.bytes = bytes;
    }
  }

  /**
   * An own token that goes on spelling: its probability, and what it is where it spells nothing.
   */
  private record Child(double probability, int otherwise) {}

  Spelling(ByteVocabulary own) {
    this.own = own;
  }

  /** What begins with an own token more. */
  Spelling child(int ownId) {
    return children.computeIfAbsent(ownId, id -> new Spelling(own));
  }

  @Nullable Spelling find(int ownId) {
    return children.get(ownId);
  }

  void add(int baseId, byte[] rest) {
    rests.add(new Rest(baseId, rest));
  }

  /** Whether nobody has asked for its row before. */
  boolean ask() {
    boolean first = !isAsked;
    isAsked = true;
    return first;
  }

  /** Divides what the model says behind these tokens: a token counts for the longest it spells. */
  void read(OwnRow row) {
    if (isRead) {
      return;
    }
    isRead = true;
    Set<Integer> taken = new HashSet<>();
    rests.sort(Comparator.comparingInt((Rest rest) -> rest.bytes.length).reversed());
    left = 1;
    for (int ownId : children.keySet()) {
      int otherwise =
          rests.stream()
              .filter(rest -> startsWith(own.bytes(ownId), rest.bytes))
              .mapToInt(rest -> rest.baseId)
              .findFirst()
              .orElse(DEFAULT);
      double probability = row.probability(ownId);
      shares.put(ownId, new Child(probability, otherwise));
      taken.add(ownId);
      left -= probability;
    }
    for (Rest rest : rests) {
      Range range = own.startingWith(rest.bytes);
      for (int place = range.from(); place < range.to(); place++) {
        if (taken.add(own.id(place))) {
          rest.probability += row.probability(own.id(place));
        }
      }
      left -= rest.probability;
    }
    left = Math.max(0, left);
  }

  /** What a token counts for that spells none of the base's. */
  private static final int DEFAULT = Integer.MIN_VALUE;

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /**
   * Adds a probability to the base's tokens.
   *
   * @param masses the probability of each of the base's tokens
   * @param otherwise the base's token where none of these is spelled; negative for none
   * @param mass the probability of coming here
   */
  void share(double[] masses, int otherwise, double mass) {
    if (!isRead) {
      add(masses, otherwise, mass);
      return;
    }
    add(masses, otherwise, mass * left);
    for (Rest rest : rests) {
      add(masses, rest.baseId, mass * rest.probability);
    }
    shares.forEach(
        (ownId, child) ->
            child(ownId)
                .share(
                    masses,
                    child.otherwise == DEFAULT ? otherwise : child.otherwise,
                    mass * child.probability));
  }

  private static void add(double[] masses, int id, double mass) {
    if (id >= 0) {
      masses[id] += mass;
    }
  }
}
