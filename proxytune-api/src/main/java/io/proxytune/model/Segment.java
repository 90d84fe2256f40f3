package io.proxytune.model;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Tokens to append to one session in a {@link LogitModel#forward forward pass}: a chunk of a
 * prompt, the token just picked, or a draft to check.
 *
 * @param session the session that grows
 * @param tokens the token ids, at least one; the array is not copied and must not change during the
 *     pass
 * @param rows which tokens' logits to return
 */
@SuppressWarnings("ArrayRecordComponent") // compared by no one; copying would cost the decode loop
public record Segment(LogitSession session, int[] tokens, Rows rows) {
  /** Which of a segment's tokens get a row of logits. */
  public enum Rows {
    /** No row: the tokens only enter the KV cache. */
    NONE,
    /** One row: the prediction after the last token. */
    LAST,
    /** A row a token, in order. */
    ALL
  }

  public Segment {
    requireNonNull(session, "session");
    checkArgument(tokens.length > 0, "a segment needs at least one token, got none");
    requireNonNull(rows, "rows");
  }

  /**
   * The number of rows that this segment asks for.
   *
   * @return 0, 1 or the number of tokens
   */
  public int rowCount() {
    return switch (rows) {
      case NONE -> 0;
      case LAST -> 1;
      case ALL -> tokens.length;
    };
  }
}
