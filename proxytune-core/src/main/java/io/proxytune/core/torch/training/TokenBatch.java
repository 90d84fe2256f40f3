package io.proxytune.core.torch.training;

/**
 * The rows of a step, padded to one length: not to be changed.
 *
 * @param rows how many
 * @param length the positions of each
 * @param inputs {@code [rows · length]}, row by row; any id where padded
 * @param targets the id that follows each input, or {@link #IGNORED}
 * @param lossTokens how many targets are not ignored, at least 1
 * @param positions how many positions are not padded
 */
@SuppressWarnings("ArrayRecordComponent")
public record TokenBatch(
    int rows, int length, long[] inputs, long[] targets, long lossTokens, long positions) {
  /** A target that carries no loss. */
  public static final long IGNORED = -100;
}
