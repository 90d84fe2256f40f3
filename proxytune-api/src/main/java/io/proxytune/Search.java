package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;

/**
 * How a text is searched for whose tokens the experts like, by their implicit reward, the sum of
 * {@code log expert − log anti-expert} over its tokens: weak-to-strong search (Zhou et al., arXiv
 * 2405.19262). Immutable.
 *
 * <p>Samples are drawn chunk by chunk: behind each of the best texts so far, or the prompt, several
 * stretches of some tokens, and of all these texts the best are kept, until they have ended. With
 * one chunk for the whole text it is best-of-n.
 *
 * @param beams how many texts are kept after each chunk, at least 1; W of the paper
 * @param successors how many stretches are drawn behind each, at least 1; K of the paper
 * @param chunkTokens the most tokens of a stretch, at least 1; L of the paper
 */
public record Search(int beams, int successors, int chunkTokens) {
  public Search {
    checkArgument(beams >= 1, "the number of beams must be >= 1, got %s", beams);
    checkArgument(successors >= 1, "the number of successors must be >= 1, got %s", successors);
    checkArgument(chunkTokens >= 1, "the tokens of a chunk must be >= 1, got %s", chunkTokens);
  }

  /**
   * The best of several whole texts.
   *
   * @param count how many, at least 1; 1 is plain decoding
   * @return the search
   */
  public static Search bestOf(int count) {
    checkArgument(count >= 1, "the number of texts must be >= 1, got %s", count);
    return new Search(1, count, Integer.MAX_VALUE);
  }

  /**
   * Chunk-level beam search. The paper finds 4 beams, 4 successors and chunks of 5 tokens to do
   * well for instructions.
   *
   * @param beams how many texts are kept after each chunk, at least 1
   * @param successors how many stretches are drawn behind each, at least 1
   * @param chunkTokens the most tokens of a stretch, at least 1
   * @return the search
   */
  public static Search beam(int beams, int successors, int chunkTokens) {
    return new Search(beams, successors, chunkTokens);
  }

  /**
   * How many texts are decoded together.
   *
   * @return beams times successors
   */
  public long texts() {
    return (long) beams * successors;
  }
}
