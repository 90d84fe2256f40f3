package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much probability steering moved to and from tokens, over all places of texts, as far as the
 * likeliest tokens of the fused distribution and of the base tell. Where a token is in one list
 * only, the least probability of the other stands for its own there, which is no less; so a sum is
 * at least what it says. For one thread.
 */
final class MovedTokens {
  private final Map<Integer, Moved> raised = new HashMap<>();
  private final Map<Integer, Moved> lowered = new HashMap<>();
  private int places;

  /**
   * One token.
   *
   * @param token how the vocabulary spells it
   * @param places where it was moved so
   * @param probability the sum over these places
   */
  record Moved(String token, int places, double probability) {
    private Moved plus(Moved other) {
      return new Moved(token, places + other.places, probability + other.probability);
    }
  }

  /** A token of a list. */
  private record Entry(String token, double probability) {}

  /** The likeliest tokens of one distribution, and the picked one. */
  private record Likeliest(Map<Integer, Entry> entries, double least) {
    static Likeliest of(JsonNode picked, JsonNode logprob, JsonNode top) {
      Map<Integer, Entry> entries = new HashMap<>();
      double least = 1;
      for (JsonNode one : top) {
        Entry entry = entry(one, one.path("logprob"));
        entries.put(one.path("id").asInt(), entry);
        least = Math.min(least, entry.probability);
      }
      entries.put(picked.path("id").asInt(), entry(picked, logprob));
      return new Likeliest(entries, least);
    }

    private static Entry entry(JsonNode token, JsonNode logprob) {
      return new Entry(
          TracedToken.spelled(token.path("token"), token.path("id")),
          TracedToken.probability(logprob));
    }

    double atMost(int id) {
      Entry entry = entries.get(id);
      return entry == null ? least : entry.probability;
    }
  }

  /** Adds a text's places, as {@code --logprobs} has them in JSON. */
  void add(JsonNode logprobs) {
    for (JsonNode place : logprobs) {
      JsonNode base = place.path("roles").path(0);
      Likeliest fused = Likeliest.of(place, place.path("logprob"), place.path("top"));
      Likeliest alone = Likeliest.of(place, base.path("logprob"), base.path("top"));
      move(fused, alone, raised);
      move(alone, fused, lowered);
      places++;
    }
  }

  private static void move(Likeliest to, Likeliest from, Map<Integer, Moved> sums) {
    to.entries.forEach(
        (id, entry) -> {
          double moved = entry.probability - from.atMost(id);
          if (moved > 0) {
            sums.merge(id, new Moved(entry.token, 1, moved), Moved::plus);
          }
        });
  }

  /** How many places were added. */
  int places() {
    return places;
  }

  /** The tokens that gained most, most first. */
  List<Moved> raised(int count) {
    return most(raised, count);
  }

  /** The tokens that lost most, most first. */
  List<Moved> lowered(int count) {
    return most(lowered, count);
  }

  private static List<Moved> most(Map<Integer, Moved> sums, int count) {
    return sums.values().stream()
        .sorted(
            Comparator.comparingDouble(Moved::probability).reversed().thenComparing(Moved::token))
        .limit(count)
        .toList();
  }
}
