package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights of 8 bits as FBGEMM's product of integers takes them, whose blocks {@link Int8Blocks}
 * laid out. FBGEMM makes a matrix of a single weight; {@link PointedMatrix} says what becomes of
 * it. One of all outputs would take longer: LibTorch looks at their scales one by one. Records are
 * looked at first, as in {@link HalfMatrix}.
 */
final class Int8Matrix {
  private static final Logger logger = LoggerFactory.getLogger(Int8Matrix.class);

  /** Sums of as many weights are exact in float32: 127 times as much is below 2²⁴. */
  private static final long WIDE = 132_000;

  private static final String SCALES = "scales";
  private static final String SUMS = "sums";

  private Int8Matrix() {}

  /** Copies rounded weights. */
  static PackedMatrix of(FbgemmInt8Weight.Kernels kernels, Int8Rounded rounded) {
    Tensor weights = rounded.weights();
    IValue value = single(kernels);
    Tensor blocks = Int8Record.blocks(Int8Record.of(value)).of(weights);
    return pointed(value, blocks, rounded.scales(), sums(weights), weights.size(1));
  }

  /**
   * Makes one again.
   *
   * @param kept what {@link PackedMatrix#kept} gave
   * @throws KeptWeight.UnusableException if it was of other sizes or another processor's
   */
  static PackedMatrix of(
      FbgemmInt8Weight.Kernels kernels, KeptWeight kept, long outputs, long inputs) {
    IValue value = single(kernels);
    long size = Int8Record.blocks(Int8Record.of(value)).size(outputs, inputs);
    Tensor blocks = kept.read(PointedMatrix.BLOCKS, ScalarType.Char, size);
    Tensor scales = kept.read(SCALES, ScalarType.Float, outputs);
    return pointed(value, blocks, scales, kept.read(SUMS, ScalarType.Int, outputs), inputs);
  }

  private static IValue single(FbgemmInt8Weight.Kernels kernels) {
    return kernels.prepacked(
        new Int8Rounded(
            torch.zeros(new long[] {1, 1}, new TensorOptions(ScalarType.Char)),
            torch.ones(new long[] {1}, new TensorOptions(ScalarType.Float))));
  }

  private static PackedMatrix pointed(
      IValue value, Tensor blocks, Tensor scales, Tensor sums, long inputs) {
    Tensor zeroPoints = torch.zeros_like(sums);
    ByteBuffer record = Int8Record.of(value);
    ByteBuffer object = Int8Record.object(value);
    PackedMatrix matrix =
        new PointedMatrix(
            value,
            ImmutableMap.of(PointedMatrix.BLOCKS, blocks, SCALES, scales, SUMS, sums),
            List.of(zeroPoints),
            record,
            object);
    Int8Record.write(record, sums.size(0), inputs, blocks.data_ptr().address());
    point(object, Int8Record.SUMS, sums);
    point(object, Int8Record.SCALES, scales);
    point(object, Int8Record.ZERO_POINTS, zeroPoints);
    return matrix;
  }

  private static void point(ByteBuffer object, int vector, Tensor numbers) {
    Int8Record.writeVector(object, vector, numbers.data_ptr().address(), numbers.nbytes());
  }

  /** {@code [out]}, int32. LibTorch sums floating-point numbers faster than whole ones. */
  private static Tensor sums(Tensor weights) {
    TensorOptions whole = new TensorOptions(ScalarType.Int);
    Tensor sums = torch.empty(new long[] {weights.size(0)}, whole, null);
    ScalarType exact = weights.size(1) < WIDE ? ScalarType.Float : ScalarType.Double;
    RowChunks.each(
        weights,
        (first, count) -> {
          Tensor values = weights.narrow(0, first, count).to(exact);
          sums.narrow(0, first, count).copy_(values.sum(1));
        });
    return sums;
  }

  /** Whether FBGEMM's matrices are as this class takes them to be. */
  static boolean works(FbgemmInt8Weight.Kernels kernels) {
    try {
      boolean same = same(kernels, 1, 1) && same(kernels, 40, 1101) && same(kernels, 64, 1024);
      logger.debug("8-bit weights are laid out by {}", same ? "tensor operations" : "FBGEMM");
      return same;
    } catch (RuntimeException e) {
      logger.debug("8-bit weights are laid out by FBGEMM", e);
      return false;
    }
  }

  private static boolean same(FbgemmInt8Weight.Kernels kernels, long outputs, long inputs) {
    Int8Rounded rounded = Int8Rounded.of(mixed(outputs, inputs));
    IValue theirs = kernels.prepacked(rounded);
    Optional<ByteBuffer> record = Int8Record.find(theirs);
    Optional<ByteBuffer> object = Int8Record.findObject(theirs);
    Tensor sums = sums(rounded.weights());
    return record.isPresent()
        && object.isPresent()
        && Int8Record.isOf(record.get(), outputs, inputs)
        && holds(object.get(), Int8Record.SUMS, sums)
        && holds(object.get(), Int8Record.SCALES, rounded.scales())
        && holds(object.get(), Int8Record.ZERO_POINTS, torch.zeros_like(sums))
        && sameProducts(kernels, rounded, theirs);
  }

  private static boolean holds(ByteBuffer object, int vector, Tensor numbers) {
    int bytes = Math.toIntExact(numbers.nbytes());
    ByteBuffer ours = ProcessMemory.at(numbers.data_ptr().address(), bytes);
    return Int8Record.findVector(object, vector, bytes).equals(Optional.of(ours));
  }

  private static boolean sameProducts(
      FbgemmInt8Weight.Kernels kernels, Int8Rounded rounded, IValue theirs) {
    try (PackedMatrix own = of(kernels, rounded)) {
      Tensor x = mixed(3, rounded.weights().size(1)).mul_(new Scalar(60));
      return torch.equal(kernels.product(x, own.value()), kernels.product(x, theirs));
    }
  }

  private static Tensor mixed(long rows, long columns) {
    return torch
        .arange(new Scalar(rows * columns))
        .mul(new Scalar(0.37))
        .cos_()
        .view(rows, columns);
  }
}
