package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.ProcessMemory;
import io.proxytune.core.torch.kept.KeptWeight;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Float16 weights as FBGEMM's product takes them, whose blocks {@link HalfBlocks} laid out: in one
 * piece and in large pages. FBGEMM itself makes a matrix of a single weight: {@link PointedMatrix}.
 *
 * <p>Where FBGEMM's records have their numbers is no promise of anyone's. So they are looked at
 * once a process: matrices that FBGEMM made itself must have every number where it is expected and
 * the same blocks, to the bit. Where they have not, nothing is changed, and FBGEMM lays weights out
 * itself.
 */
final class HalfMatrix {
  private static final Logger logger = LoggerFactory.getLogger(HalfMatrix.class);

  private HalfMatrix() {}

  /**
   * Copies a weight.
   *
   * @param weight {@code [out, in]}, times the factor within float16's range
   * @param bias {@code [out]}, or null
   */
  static PackedMatrix of(
      BoxedOperator prepack, Tensor weight, @Nullable Tensor bias, double factor) {
    IValue value = single(prepack, bias);
    ByteBuffer record = HalfRecord.of(value);
    Tensor blocks = HalfRecord.blocks(record).of(weight, factor);
    return pointed(value, record, blocks, weight.size(0), weight.size(1));
  }

  /**
   * Makes one again.
   *
   * @param kept what {@link PackedMatrix#kept} gave
   * @param bias {@code [out]}, or null
   * @throws KeptWeight.UnusableException if it was of other sizes or another processor's
   */
  static PackedMatrix of(
      BoxedOperator prepack, KeptWeight kept, long outputs, long inputs, @Nullable Tensor bias) {
    IValue value = single(prepack, bias);
    ByteBuffer record = HalfRecord.of(value);
    long size = HalfRecord.blocks(record).size(outputs, inputs);
    Tensor blocks = kept.read(PointedMatrix.BLOCKS, ScalarType.Half, size);
    return pointed(value, record, blocks, outputs, inputs);
  }

  private static IValue single(BoxedOperator prepack, @Nullable Tensor bias) {
    Tensor single = torch.zeros(new long[] {1, 1}, new TensorOptions(ScalarType.Float));
    return prepack.callForObject(new IValue(single), optional(bias));
  }

  private static PackedMatrix pointed(
      IValue value, ByteBuffer record, Tensor blocks, long outputs, long inputs) {
    PackedMatrix matrix =
        new PointedMatrix(value, ImmutableMap.of(PointedMatrix.BLOCKS, blocks), List.of(), record);
    HalfRecord.write(record, outputs, inputs, blocks.data_ptr().address());
    return matrix;
  }

  static IValue optional(@Nullable Tensor bias) {
    return bias == null ? new IValue() : new IValue(bias.to(ScalarType.Float));
  }

  /** Whether FBGEMM's matrices are as this class takes them to be. */
  static boolean works(BoxedOperator prepack) {
    try {
      boolean same = same(prepack, 1, 1) && same(prepack, 40, 600) && same(prepack, 16, 512);
      logger.debug("Float16 weights are laid out by {}", same ? "tensor operations" : "FBGEMM");
      return same;
    } catch (RuntimeException e) {
      logger.debug("Float16 weights are laid out by FBGEMM", e);
      return false;
    }
  }

  private static boolean same(BoxedOperator prepack, long outputs, long inputs) {
    Tensor weight = probe(outputs, inputs);
    IValue packed = prepack.callForObject(new IValue(weight), new IValue());
    Optional<ByteBuffer> found = HalfRecord.find(packed);
    if (found.isEmpty() || !HalfRecord.isOf(found.get(), outputs, inputs)) {
      return false;
    }
    Tensor blocks = HalfRecord.blocks(found.get()).of(weight, 1);
    int bytes = Math.toIntExact(blocks.nbytes());
    ByteBuffer ours = ProcessMemory.at(blocks.data_ptr().address(), bytes);
    return ProcessMemory.find(HalfRecord.weights(found.get()), bytes).equals(Optional.of(ours));
  }

  /** Weights of all sizes that float16 has, from less than its smallest to its largest. */
  private static Tensor probe(long outputs, long inputs) {
    Tensor exponents = torch.linspace(new Scalar(-27), new Scalar(15.99), outputs * inputs);
    return torch
        .exp2(exponents)
        .mul_(torch.cos(exponents.mul(new Scalar(7))))
        .view(outputs, inputs);
  }
}
