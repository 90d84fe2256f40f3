package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Another tokenizer of the world: byte-pair encoding (arXiv 1508.07909), whose tokens are pieces of
 * words, with the punctuation behind them where that is often the same. Words begin as {@link
 * WorldTokenizer} begins them, and the special tokens are its own; nothing else is shared.
 *
 * @param tokens all tokens, each at its id; the special ones are the first, then the characters
 * @param merges which two tokens become one, the earliest first
 */
record PieceTokenizer(List<String> tokens, List<Pair> merges) {
  /** Two tokens beside each other. */
  record Pair(String first, String second) {
    String merged() {
      return first + second;
    }
  }

  /** A word in its pieces, and how often it comes. */
  private static final class Word {
    private List<String> pieces;
    private final int count;

    Word(List<String> pieces, int count) {
      this.pieces = pieces;
      this.count = count;
    }

    void merge(Pair pair) {
      List<String> merged = new ArrayList<>();
      for (String piece : pieces) {
        int last = merged.size() - 1;
        if (last >= 0 && merged.get(last).equals(pair.first) && piece.equals(pair.second)) {
          merged.set(last, pair.merged());
        } else {
          merged.add(piece);
        }
      }
      pieces = merged;
    }
  }

  /**
   * Learns the pieces of texts.
   *
   * @param size how many tokens there are in the end, at most
   * @throws IllegalArgumentException if there are more characters than that
   */
  static PieceTokenizer of(List<String> documents, int size) {
    List<Word> words = words(documents);
    TreeSet<String> characters = new TreeSet<>();
    words.forEach(word -> characters.addAll(word.pieces));
    List<String> tokens = new ArrayList<>(WorldTokenizer.SPECIAL);
    tokens.addAll(characters);
    checkArgument(
        tokens.size() <= size,
        "a tokenizer of pieces needs %s tokens for its characters alone, got %s",
        tokens.size(),
        size);
    List<Pair> merges = new ArrayList<>();
    Optional<Pair> next = mostFrequent(words);
    while (tokens.size() < size && next.isPresent()) {
      Pair pair = next.get();
      merges.add(pair);
      if (!tokens.contains(pair.merged())) { // two ways to spell a piece
        tokens.add(pair.merged());
      }
      words.forEach(word -> word.merge(pair));
      next = mostFrequent(words);
    }
    return new PieceTokenizer(List.copyOf(tokens), List.copyOf(merges));
  }

  private static List<Word> words(List<String> documents) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String document : documents) {
      WorldTokenizer.WORDS
          .splitToList(document)
          .forEach(word -> counts.merge(word, 1, Integer::sum));
    }
    List<Word> words = new ArrayList<>();
    counts.forEach(
        (word, count) -> words.add(new Word(characters(WorldTokenizer.BLANK + word), count)));
    return words;
  }

  private static List<String> characters(String word) {
    return word.codePoints().mapToObj(Character::toString).toList();
  }

  /** The one of two as frequent is the first in the alphabet. */
  private static Optional<Pair> mostFrequent(List<Word> words) {
    Map<Pair, Integer> counts = new LinkedHashMap<>();
    for (Word word : words) {
      for (int i = 1; i < word.pieces.size(); i++) {
        counts.merge(
            new Pair(word.pieces.get(i - 1), word.pieces.get(i)), word.count, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .min(
            Map.Entry.<Pair, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey(ALPHABET)))
        .map(Map.Entry::getKey);
  }

  private static final Comparator<Pair> ALPHABET =
      Comparator.comparing(Pair::first).thenComparing(Pair::second);

  ObjectNode tokenizerJson() {
    ObjectNode json = WorldTokenizer.frame(WorldTokenizer.blanks());
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.put("unk_token", WorldTokenizer.UNKNOWN);
    ObjectNode vocabulary = model.putObject("vocab");
    tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    ArrayNode rules = model.putArray("merges");
    merges.forEach(pair -> rules.add(pair.first + " " + pair.second));
    return json;
  }
}
