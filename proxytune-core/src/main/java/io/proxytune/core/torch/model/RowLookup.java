package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What rows look up in a table of keys or values, as the operators of embedding bags take it: one
 * row's keys one behind the other, then the next one's. All are int32.
 *
 * @param places {@code [rows · keys]}: where in the table they lie
 * @param firsts {@code [rows]}: where each row's begin among those
 * @param numbers {@code [rows · keys]}: the row that each belongs to
 * @param starts {@code [rows · stretches]}: where each row's stretches begin
 */
record RowLookup(Tensor places, Tensor firsts, Tensor numbers, Tensor starts) {
  /**
   * Of rows that look at all keys of their heads.
   *
   * @param room how many rows of the table lie between two heads' first keys
   * @param stretch how many keys are summed up before the sums are
   */
  static RowLookup of(long kvHeads, long rowsOfHead, long keys, long room, long stretch) {
    long rows = kvHeads * rowsOfHead;
    Tensor heads = numbers(kvHeads * room, room).view(-1, 1, 1);
    Tensor firsts = numbers(rows * keys, keys);
    return new RowLookup(
        flat(heads.add(numbers(keys, 1)).expand(kvHeads, rowsOfHead, keys)),
        firsts,
        flat(numbers(rows, 1).view(-1, 1).expand(rows, keys)),
        firsts.view(-1, 1).add(numbers(keys, stretch)).view(-1));
  }

  private static Tensor flat(Tensor expanded) {
    return expanded.contiguous().view(-1);
  }

  private static Tensor numbers(long end, long step) {
    return torch.arange(
        new Scalar(0L), new Scalar(end), new Scalar(step), new TensorOptions(ScalarType.Int));
  }
}
