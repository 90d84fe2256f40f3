package io.proxytune.core.tokenizer.format;

import io.proxytune.core.tokenizer.format.RegexParser.UnknownRegexException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a text may be cut so that its parts, encoded one by one, have the tokens of the whole: the
 * first pre-tokenizer surely splits there, no added token lies across, and no characters are
 * composed.
 */
final class Cuts {
  /** No place is certain. */
  static final Cuts NONE = new Cuts(Optional.empty(), false, Set.of());

  private final Optional<Neighbors> neighbors;
  private final boolean composes;

  /** The characters that stand side by side in an added token, two in one number. */
  private final Set<Long> inTokens;

  private Cuts(Optional<Neighbors> neighbors, boolean composes, Set<Long> inTokens) {
    this.neighbors = neighbors;
    this.composes = composes;
    this.inTokens = inTokens;
  }

  /**
   * The cuts of a tokenizer.
   *
   * @param pattern the regular expression that splits a text before everything else
   * @param composes whether the text is brought to NFC before
   * @param tokens the texts of the added tokens
   * @return the cuts
   */
  static Cuts of(Optional<String> pattern, boolean composes, List<String> tokens) {
    Set<Long> inTokens = new HashSet<>();
    for (String token : tokens) {
      collect(token, inTokens);
      collect(Normalizer.normalize(token, Normalizer.Form.NFC), inTokens);
    }
    return new Cuts(pattern.map(Cuts::neighbors), composes, inTokens);
  }

  private static Neighbors neighbors(String pattern) {
    try {
      return new Neighbors(RegexParser.parse(pattern));
    } catch (UnknownRegexException e) {
      throw new IllegalStateException("the pattern was read before", e);
    }
  }

  private static void collect(String token, Set<Long> into) {
    int[] characters = token.codePoints().toArray();
    for (int i = 1; i < characters.length; i++) {
      into.add(pair(characters[i - 1], characters[i]));
    }
  }

  private static long pair(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  /**
   * Cuts a text.
   *
   * @param text the text
   * @param length how long the parts are to be, in chars; they are longer where there is no place
   * @return the parts' ends, the last one that of the text
   */
  List<Integer> ends(String text, int length) {
    List<Integer> ends = new ArrayList<>();
    int from = 0;
    while (neighbors.isPresent() && text.length() - from > length) {
      int cut = near(text, from + length / 2, from + length, text.length());
      if (cut == text.length()) {
        break;
      }
      ends.add(cut);
      from = cut;
    }
    ends.add(text.length());
    return ends;
  }

  /** The last place before one that is wanted, else the first behind it, else the end. */
  private int near(String text, int least, int wanted, int most) {
    for (int at = wanted; at > least; at--) {
      if (isCut(text, at)) {
        return at;
      }
    }
    for (int at = wanted + 1; at < most; at++) {
      if (isCut(text, at)) {
        return at;
      }
    }
    return most;
  }

  private boolean isCut(String text, int at) {
    int left = text.charAt(at - 1);
    int right = text.charAt(at);
    return !Character.isSurrogate((char) left)
        && !Character.isSurrogate((char) right)
        && (!composes || neverComposed(right))
        && !inTokens.contains(pair(left, right))
        && neighbors.orElseThrow().part(left, right);
  }

  /** Characters that join no character before them in NFC, among those that are frequent. */
  private static boolean neverComposed(int c) {
    return c < 0x80
        || (c >= 0x3000 && c <= 0x3020)
        || (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0xFF01 && c <= 0xFF60);
  }
}
