package io.proxytune.core.torch.model;

import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where LibTorch's kernel for 4 bits keeps its weights, which depends on the processor: blocks of
 * rows, in a block one input after the other, and two rows in a byte. Immutable.
 *
 * @param block the rows of a block
 * @param pairs whether a byte holds neighbouring rows; a row of the block's first half and one of
 *     its second otherwise
 */
record Int4Layout(int block, boolean pairs) {
  /** A multiple of the block in every layout. */
  static final int ROWS = 64;

  private static final int INPUTS = 32;
  private static final int LOW_BITS = 15;
  private static final int HIGH_SHIFT = 4;

  /**
   * Packs a weight and looks which layout gives it back.
   *
   * @param pack gives bytes, {@code [rows, in / 2]}, for weights in {@code [0, 15]}, {@code [rows,
   *     in]}
   * @return nothing where it is none of those known
   */
  static Optional<Int4Layout> learn(UnaryOperator<Tensor> pack) {
    Tensor mixed = torch.arange(new Scalar(ROWS * INPUTS), new TensorOptions(ScalarType.Float));
    Tensor weight = // [rows, in], in [0, 15]
        mixed.sin_().add_(new Scalar(1)).mul_(new Scalar(7.99)).floor_().view(ROWS, INPUTS);
    Tensor packed = pack.apply(weight.to(ScalarType.Int));
    return Stream.of(64, 32, 16)
        .flatMap(block -> Stream.of(new Int4Layout(block, false), new Int4Layout(block, true)))
        .filter(layout -> layout.unpack(packed).to(ScalarType.Float).equal(layout.blocks(weight)))
        .findFirst();
  }

  private Tensor blocks(Tensor weight) {
    return weight.view(-1, block, weight.size(1)).transpose(1, 2);
  }

  /**
   * Takes packed weights apart.
   *
   * @param packed whole blocks, {@code [rows, in / 2]}
   * @return weights in {@code [0, 15]}, {@code [rows / block, in, block]}
   */
  Tensor unpack(Tensor packed) {
    long inputs = 2 * packed.size(1);
    long[] shape = {packed.size(0) / block, inputs, block};
    return unpack(packed, torch.empty(shape, new TensorOptions(ScalarType.Byte), null));
  }

  /** The same into a tensor of that shape, which it gives back. */
  Tensor unpack(Tensor packed, Tensor weights) {
    long inputs = weights.size(1);
    int half = block / 2;
    Tensor bytes = packed.view(-1, inputs, half);
    Tensor halves =
        pairs ? weights.view(-1, inputs, half, 2).permute(3, 0, 1, 2) : halves(weights, half);
    torch.bitwise_and_out(halves.select(0, 0), bytes, new Scalar(LOW_BITS));
    torch.bitwise_right_shift_out(halves.select(0, 1), bytes, new Scalar(HIGH_SHIFT));
    return weights;
  }

  private static Tensor halves(Tensor weights, int half) {
    return weights.view(-1, weights.size(1), 2, half).permute(2, 0, 1, 3);
  }
}
