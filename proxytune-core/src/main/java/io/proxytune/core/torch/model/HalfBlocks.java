package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Lays a weight out in FBGEMM's blocks of float16: of 512 inputs each, all blocks of some outputs
 * one behind the other, and in a block the weights of an input side by side. The last of the
 * inputs' blocks is as long as what is left of them, and the last of the outputs' is filled with
 * zeros.
 *
 * <p>FBGEMM does the same one number at a time, which took most of the time of loading a model.
 *
 * @param outputs of a block: two vectors' numbers, 16 with AVX2 and 32 with AVX-512
 */
record HalfBlocks(int outputs) {
  /** Inputs of a block. */
  static final int INPUTS = 512;

  /** Whether blocks may have so many outputs. */
  boolean possible() {
    return outputs > 0 && RowChunks.BLOCK % outputs == 0;
  }

  /** How many weights the blocks of a weight have, those that fill the last ones among them. */
  long size(long allOutputs, long inputs) {
    return blocks(inputs, INPUTS) * INPUTS * blocks(allOutputs, outputs) * outputs;
  }

  /** How many blocks there are of so many each. */
  static long blocks(long count, long each) {
    return (count + each - 1) / each;
  }

  /**
   * Copies a weight, each times a factor and rounded to the nearest float16.
   *
   * @param weight {@code [out, in]} in any dtype; none may leave float16's range
   * @return {@code [size]}, float16
   */
  Tensor of(Tensor weight, double factor) {
    long rows = weight.size(0);
    long inputs = weight.size(1);
    boolean whole = rows % outputs == 0 && inputs % INPUTS == 0;
    long[] shape = {size(rows, inputs)};
    Tensor all = whole ? torch.empty(shape, half(), null) : torch.zeros(shape, half());
    RowChunks.each(
        weight,
        (first, count) -> {
          Tensor values = rounded(weight.narrow(0, first, count), factor);
          copy(values, all, blocks(rows, outputs), first / outputs);
        });
    return all;
  }

  private static TensorOptions half() {
    return new TensorOptions(ScalarType.Half);
  }

  /** {@code [rows, in]} with rows of zeros up to whole blocks. */
  private Tensor rounded(Tensor weight, double factor) {
    Tensor values =
        weight
            .to(ScalarType.Float, false, true, new MemoryFormatOptional())
            .mul_(new Scalar(factor))
            .to(ScalarType.Half);
    long missing = blocks(values.size(0), outputs) * outputs - values.size(0);
    return missing == 0 ? values : torch.constant_pad_nd(values, 0, 0, 0, missing);
  }

  /** Copies rows of whole blocks to where blocks of outputs from the first one on lie. */
  private void copy(Tensor rows, Tensor all, long columns, long first) {
    long whole = rows.size(1) / INPUTS;
    long rest = rows.size(1) - whole * INPUTS;
    if (whole > 0) {
      copy(rows.narrow(1, 0, whole * INPUTS), whole, all, columns, first);
    }
    if (rest > 0) {
      long offset = whole * INPUTS * columns * outputs;
      Tensor last = all.narrow(0, offset, all.size(0) - offset);
      copy(rows.narrow(1, whole * INPUTS, rest), 1, last, columns, first);
    }
  }

  /** The same of blocks that are equally long. */
  private void copy(Tensor rows, long blocks, Tensor all, long columns, long first) {
    long inputs = rows.size(1) / blocks;
    long count = rows.size(0) / outputs;
    Tensor to =
        all.narrow(0, 0, blocks * columns * inputs * outputs)
            .view(blocks, columns, inputs, outputs)
            .narrow(1, first, count);
    Tensor from = rows.unflatten(1, blocks, inputs).unflatten(0, count, outputs);
    to.copy_(from.permute(2, 0, 3, 1));
  }
}
