package io.proxytune;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.OptionalInt;

/**
 * A finished text: immutable.
 *
 * @param text the generated text without special tokens, but those that the options {@linkplain
 *     GenerationOptions#withWrittenSpecialTokens write}, and without the stop string that ended it.
 *     It reads as if prompt and text were decoded together, with the space that it begins with. It
 *     is what the tokens' texts add up to; only where a text was cancelled or its time was up, what
 *     was held back for a possible stop string or half a character comes on top
 * @param tokenIds the generated ids, with the end-of-text or stop id that ended them
 * @param finishReason why it ended
 * @param promptTokenIds the base model's prompt
 * @param seed the seed of the noise; the same request with this seed gives the same text
 * @param tokens the tokens one by one, as they were streamed
 * @param stats counts and timings
 */
public record Generation(
    String text,
    List<Integer> tokenIds,
    FinishReason finishReason,
    List<Integer> promptTokenIds,
    long seed,
    List<Token> tokens,
    GenerationStats stats) {
  public Generation {
    requireNonNull(text, "text");
    tokenIds = List.copyOf(tokenIds);
    requireNonNull(finishReason, "finishReason");
    promptTokenIds = List.copyOf(promptTokenIds);
    tokens = List.copyOf(tokens);
    requireNonNull(stats, "stats");
  }

  /**
   * The id that ended the text.
   *
   * @return the last id, where it is an end-of-text or stop id; else nothing
   */
  public OptionalInt stopId() {
    boolean byId = finishReason == FinishReason.END_OF_TEXT || finishReason == FinishReason.STOP_ID;
    return byId && !tokenIds.isEmpty()
        ? OptionalInt.of(tokenIds.get(tokenIds.size() - 1))
        : OptionalInt.empty();
  }
}
