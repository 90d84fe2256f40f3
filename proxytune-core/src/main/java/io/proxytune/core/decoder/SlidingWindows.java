package io.proxytune.core.decoder;

import java.util.OptionalInt;

/** KV caches that keep no more of layers with a window than is needed to go on with a text. */
public final class SlidingWindows {
  /**
   * How far a text may be cut without being read again: more than drafts need, and enough to keep a
   * prompt up to its last whole block of 128 tokens and to go on a block before that.
   */
  public static final int MOST_CUT = 256;

  /** Old tokens make place for new ones once in so many. */
  private static final int SLIDE = 512;

  /** What is kept begins with a block of so many tokens at most. */
  private static final int BLOCK = 64;

  private SlidingWindows() {}

  /**
   * The window that a decoder's caches slide by: the largest of its layers.
   *
   * @param spec the decoder
   * @return tokens; nothing where no layer has a window, or where tokens that are read again, in
   *     other passes than before, would get other keys and values
   */
  public static OptionalInt of(DecoderSpec spec) {
    boolean alike = !spec.isBidirectional() && spec.constantLength() >= spec.contextLength();
    return alike
        ? spec.layers().stream().flatMapToInt(layer -> layer.attention().window().stream()).max()
        : OptionalInt.empty();
  }

  /**
   * How many tokens a layer with a window has room for.
   *
   * @param window tokens, at least 1
   * @return tokens, whatever the length of the text
   */
  public static int room(int window) {
    return window + MOST_CUT + BLOCK + SLIDE;
  }
}
