package io.proxytune.core.tokenizer.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Which texts a tokenizer may be given, and how many tokens they have at least.
 *
 * <p>The native library needs some 250 bytes of memory for each byte of a text, and ends the
 * process where it finds none, or where a regular expression takes more than ten million steps
 * back.
 */
public final class TextRules {
  /** The UTF-8 bytes of a text or part: 4 GiB of memory while it is encoded. */
  public static final int MOST_BYTES = 1 << 24;

  /** The chars of a part: small enough for caches, large enough to be worth a call. */
  private static final int PART = 1 << 15;

  private static final double USUAL_GROWTH = 8;

  private final List<RunLimit> runs;
  private final int longestToken;
  private final int mostBytes;
  private final Cuts cuts;

  /**
   * Makes the rules.
   *
   * @param runs what a text must not hold
   * @param longestToken the most characters that a token stands for; 0 if there is no limit
   * @param growth how many times as many bytes the normalizer may make of a text
   * @param cuts where a text may be cut
   */
  TextRules(List<RunLimit> runs, int longestToken, double growth, Cuts cuts) {
    this.cuts = cuts;
    this.runs = List.copyOf(runs);
    this.longestToken = longestToken;
    this.mostBytes = (int) (MOST_BYTES / Math.max(1, growth / USUAL_GROWTH));
  }

  /**
   * The fewest tokens that a text can have.
   *
   * @param text the text
   * @return the number; 0 where a token may stand for any number of characters
   */
  public int fewestTokens(String text) {
    int length = text.codePointCount(0, text.length());
    return longestToken == 0 ? 0 : (length + longestToken - 1) / longestToken;
  }

  /**
   * Checks a text, and cuts a long one into parts that have the tokens of the whole.
   *
   * @param text the text
   * @return the parts, at least one
   * @throws IllegalArgumentException if the native library can't read it safely; the message says
   *     where and why, with the figures
   */
  public List<String> parts(String text) {
    return parts(text, PART);
  }

  /**
   * Checks a text, and cuts it into parts that have the tokens of the whole.
   *
   * @param text the text
   * @param length how long the parts are to be, in chars; where there is no certain place to cut,
   *     they are longer
   * @return the parts, at least one
   * @throws IllegalArgumentException if the native library can't read it safely
   */
  public List<String> parts(String text, int length) {
    for (RunLimit run : runs) {
      if (text.length() > run.most()) {
        checkRuns(text, run);
      }
    }
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int end : cuts.ends(text, length)) {
      checkSize(text, from, end);
      parts.add(text.substring(from, end));
      from = end;
    }
    return parts;
  }

  private void checkSize(String text, int from, int end) {
    if (end - from <= mostBytes / 3) {
      return;
    }
    long bytes = utf8Length(text.substring(from, end));
    if (bytes > mostBytes) {
      throw new IllegalArgumentException(
          "the text has "
              + (end - from)
              + " characters from position "
              + from
              + " on, "
              + bytes
              + " bytes, that the tokenizer can't split safely; it takes at most "
              + mostBytes
              + " bytes at once: split the text, or shorten it");
    }
  }

  private static long utf8Length(String text) {
    return text.codePoints()
        .mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4)
        .sum();
  }

  private static void checkRuns(String text, RunLimit run) {
    int start = 0;
    int count = 0;
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (!run.set().mayHold(c)) {
        start = i + Character.charCount(c);
        count = 0;
      } else if (++count > run.most()) {
        throw refusal(text, run, start, i);
      }
    }
  }

  private static IllegalArgumentException refusal(String text, RunLimit run, int start, int at) {
    int end = at;
    while (end < text.length() && run.set().mayHold(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return new IllegalArgumentException(
        "the text has "
            + text.codePointCount(start, end)
            + " characters in a row from position "
            + start
            + " on, beginning with U+"
            + Integer.toHexString(0x10000 | text.codePointAt(start))
                .substring(1)
                .toUpperCase(java.util.Locale.ROOT)
            + ", that the tokenizer's regular expression looks at again and again; it takes at most"
            + " "
            + run.most()
            + " of them in a row safely: break the run, or shorten it");
  }
}
