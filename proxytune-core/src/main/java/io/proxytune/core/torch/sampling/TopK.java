package io.proxytune.core.torch.sampling;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The largest logits of a row and their ids, in no particular order. LibTorch's {@code topk} goes
 * through a row value by value. Here only the maxima of blocks go through it, and then the blocks
 * with the largest of them, which hold the k largest logits.
 *
 * @param logits {@code [k]}
 * @param ids int64 {@code [k]}
 */
record TopK(Tensor logits, Tensor ids) {
  private static final int BLOCK_BITS = 5;
  private static final int BLOCK = 1 << BLOCK_BITS;

  /**
   * Finds them.
   *
   * @param row {@code [width]}
   * @param k at most the width
   */
  static TopK of(Tensor row, int k) {
    int blocks = (int) row.size(0) / BLOCK;
    return blocks < 2L * k ? plain(row, k) : ofBlocks(row, blocks, k);
  }

  private static TopK plain(Tensor row, int k) {
    T_TensorTensor_T top = row.topk(k, 0, true, false);
    return new TopK(top.get0(), top.get1());
  }

  private static TopK ofBlocks(Tensor row, int blocks, int k) {
    long inBlocks = (long) blocks * BLOCK;
    Tensor byBlock = row.narrow(0, 0, inBlocks).view(blocks, BLOCK);
    Tensor best = plain(byBlock.amax(new long[] {1}, false), k).ids;
    Tensor logits = byBlock.index_select(0, best).flatten();
    long rest = row.size(0) - inBlocks;
    if (rest > 0) { // a block of its own, which is not full
      logits = joined(logits, row.narrow(0, inBlocks, rest));
      best = joined(best, HeapTensors.upload(new int[] {blocks}, best));
    }
    TopK top = plain(logits, k);
    Tensor block = best.index_select(0, top.ids.__rshift__(new Scalar((long) BLOCK_BITS)));
    Tensor within = top.ids.bitwise_and(new Scalar(BLOCK - 1L));
    return new TopK(top.logits, block.mul_(new Scalar((long) BLOCK)).add_(within));
  }

  private static Tensor joined(Tensor first, Tensor second) {
    return torch.cat(new TensorVector(first, second));
  }
}
