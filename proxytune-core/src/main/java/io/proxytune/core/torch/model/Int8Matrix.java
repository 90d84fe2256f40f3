package io.proxytune.core.torch.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.ProcessMemory;
import io.proxytune.core.torch.kept.KeptWeight;
import java.nio.ByteBuffer;
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
 * laid out. FBGEMM makes a matrix of a single input, which has the outputs' scales; {@link
 * PointedMatrix} says what becomes of it. Records are looked at first, as in {@link HalfMatrix}.
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
    IValue value = narrow(kernels, rounded.scales());
    Tensor blocks = Int8Record.blocks(Int8Record.of(value)).of(weights);
    return pointed(value, tensors(blocks, rounded.scales(), sums(weights)), weights.size(1));
  }

  /**
   * Makes one again.
   *
   * @param kept what {@link PackedMatrix#kept} gave
   * @throws KeptWeight.UnusableException if it was of other sizes or another processor's
   */
  static PackedMatrix of(
      FbgemmInt8Weight.Kernels kernels, KeptWeight kept, long outputs, long inputs) {
    Tensor scales = kept.read(SCALES, ScalarType.Float, outputs);
    Tensor sums = kept.read(SUMS, ScalarType.Int, outputs);
    IValue value = narrow(kernels, scales);
    long size = Int8Record.blocks(Int8Record.of(value)).size(outputs, inputs);
    Tensor blocks = kept.read(PointedMatrix.BLOCKS, ScalarType.Char, size);
    return pointed(value, tensors(blocks, scales, sums), inputs);
  }

  private static ImmutableMap<String, Tensor> tensors(Tensor blocks, Tensor scales, Tensor sums) {
    return ImmutableMap.of(PointedMatrix.BLOCKS, blocks, SCALES, scales, SUMS, sums);
  }

  /** FBGEMM's own, of a single input. */
  private static IValue narrow(FbgemmInt8Weight.Kernels kernels, Tensor scales) {
    long[] shape = {scales.size(0), 1};
    Tensor zeros = torch.zeros(shape, new TensorOptions(ScalarType.Char));
    return kernels.prepacked(new Int8Rounded(zeros, scales));
  }

  private static PackedMatrix pointed(
      IValue value, ImmutableMap<String, Tensor> tensors, long inputs) {
    ByteBuffer record = Int8Record.of(value);
    Int8Record.free(record); // as large as those of 512 inputs
    putSums(value, requireNonNull(tensors.get(SUMS), SUMS));
    PointedMatrix matrix = new PointedMatrix(value, tensors, record);
    Int8Record.write(record, inputs, matrix.address());
    return matrix;
  }

  /** FBGEMM corrects its sums by them for what is added to the input's digits. */
  private static void putSums(IValue value, Tensor sums) {
    int bytes = Math.toIntExact(sums.nbytes());
    ProcessMemory.at(Int8Record.sums(value), bytes).put(0, bytes(sums, bytes), 0, bytes);
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

  private static ByteBuffer bytes(Tensor tensor, int count) {
    return ProcessMemory.at(tensor.data_ptr().address(), count);
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
    Optional<Long> sums = Int8Record.findSums(theirs, outputs);
    if (record.isEmpty() || sums.isEmpty() || !Int8Record.isOf(record.get(), outputs, inputs)) {
      return false;
    }
    int bytes = Math.toIntExact(outputs * Integer.BYTES);
    ByteBuffer ours = bytes(sums(rounded.weights()), bytes);
    if (!ProcessMemory.find(sums.get(), bytes).equals(Optional.of(ours))) {
      return false;
    }
    return sameProducts(kernels, rounded, theirs);
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
