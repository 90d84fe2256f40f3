package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * Where the rows of a linear layer's weight, {@code [out, in]}, lie in a stored tensor: immutable.
 * The stored rows fall into blocks of one size, and the layer's are the same stretch of each; so a
 * whole tensor, a part of a fused one and heads that alternate are one case.
 *
 * @param total the rows of the stored matrix
 * @param blocks how many blocks they fall into, a divisor of {@code total}
 * @param first the first row within a block
 * @param count how many rows of each block
 * @param transposed whether the matrix is stored as {@code [in, rows]} (GPT-2's Conv1D)
 * @param expert which matrix of a stored stack {@code [experts, …]}, where it is one
 */
public record StoredRows(
    long total, long blocks, long first, long count, boolean transposed, OptionalInt expert) {
  public StoredRows {
    checkArgument(blocks >= 1 && total % blocks == 0, "%s blocks of %s rows", blocks, total);
    checkArgument(
        first >= 0 && count >= 1 && first + count <= total / blocks,
        "rows %s to %s of blocks of %s",
        first,
        first + count,
        total / blocks);
  }

  /**
   * A tensor of the layer's own.
   *
   * @param rows its rows
   * @return all of them
   */
  public static StoredRows all(long rows) {
    return new StoredRows(rows, 1, 0, rows, false, OptionalInt.empty());
  }

  /**
   * A stretch of a fused tensor.
   *
   * @param total the rows of the tensor
   * @param first the first of the layer's
   * @param count how many
   * @return these
   */
  public static StoredRows range(long total, long first, long count) {
    return new StoredRows(total, 1, first, count, false, OptionalInt.empty());
  }

  /**
   * The same stretch of each block of a fused tensor.
   *
   * @param total the rows of the tensor
   * @param blocks how many blocks
   * @param first the first row within a block
   * @param count how many of each block
   * @return these
   */
  public static StoredRows ofEachBlock(long total, long blocks, long first, long count) {
    return new StoredRows(total, blocks, first, count, false, OptionalInt.empty());
  }

  /**
   * The same rows of a matrix that is stored as {@code [in, rows]}.
   *
   * @return the same, transposed
   */
  public StoredRows asTransposed() {
    return new StoredRows(total, blocks, first, count, true, expert);
  }

  /**
   * The same rows of one matrix of a stack.
   *
   * @param index its place in the stack
   * @return the same, of that matrix
   */
  public StoredRows ofExpert(int index) {
    return new StoredRows(total, blocks, first, count, transposed, OptionalInt.of(index));
  }

  /**
   * How many rows the layer has.
   *
   * @return the number of its outputs
   */
  public long rows() {
    return blocks * count;
  }

  /**
   * Whether the stored tensor holds nothing else.
   *
   * @return whether these are all rows, of a matrix that is no part of a stack
   */
  public boolean isAll() {
    return rows() == total && expert.isEmpty();
  }
}
