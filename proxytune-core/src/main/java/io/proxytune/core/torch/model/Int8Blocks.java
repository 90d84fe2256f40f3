package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * FBGEMM's blocks of 8-bit weights: all that have the same inputs one behind the other, and in a
 * block, for each four inputs, the four weights of each output side by side. Weights are filled
 * with zeros up to whole blocks.
 *
 * @param outputs of a block, by the processor
 * @param inputs of a block, by the processor
 */
record Int8Blocks(int outputs, int inputs) {
  /** Inputs side by side: an instruction's, and as many as a 32-bit number has bytes. */
  private static final int TOGETHER = 4;

  /** Whether blocks may have such sizes. */
  boolean possible() {
    return outputs > 0 && inputs > 0 && inputs % TOGETHER == 0;
  }

  /** How many weights the blocks of a weight have, with those that fill them. */
  long size(long allOutputs, long allInputs) {
    return HalfBlocks.blocks(allOutputs, outputs)
        * outputs
        * HalfBlocks.blocks(allInputs, inputs)
        * inputs;
  }

  /**
   * Copies weights.
   *
   * @param weights {@code [out, in]}, int8
   * @return {@code [size]}, int8
   */
  Tensor of(Tensor weights) {
    long columns = HalfBlocks.blocks(weights.size(0), outputs);
    long blocks = HalfBlocks.blocks(weights.size(1), inputs);
    long high = inputs / TOGETHER;
    TensorOptions four = new TensorOptions(ScalarType.Int);
    Tensor all = torch.empty(new long[] {blocks, columns, high, outputs}, four, null);
    RowChunks.each(
        weights,
        outputs,
        (first, count) -> {
          Tensor whole = filled(weights.narrow(0, first, count), blocks * inputs);
          Tensor from = whole.view(ScalarType.Int).view(-1, outputs, blocks, high);
          all.narrow(1, first / outputs, from.size(0)).copy_(from.permute(2, 0, 3, 1));
        });
    return all.view(ScalarType.Char).view(-1);
  }

  private Tensor filled(Tensor rows, long width) {
    long below = HalfBlocks.blocks(rows.size(0), outputs) * outputs - rows.size(0);
    long right = width - rows.size(1);
    return below + right == 0 ? rows : torch.constant_pad_nd(rows, 0, right, 0, below);
  }
}
